// Runs a fixed set of operations under callgrind, which writes what each has cost into a file of
// its own: baseline.py counts the instructions in there that are of this program. So neither the
// machine nor what libcrypto and libc choose to run on it has a part in the numbers.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valgrind/callgrind.h>

#include "base/buffer.hpp"
#include "bench/micro/primitives.hpp"
#include "bench/micro/relay.hpp"
#include "crypto/self_signed.hpp"
#include "http/parser.hpp"
#include "resp/parser.hpp"
#include "tls/client.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"
#include "ws/connection.hpp"
#include "ws/handshake.hpp"
#include "ws/pending_upgrade.hpp"
#include "ws/utf8.hpp"

namespace heliograph::bench {
namespace {

constexpr int kIterations = 10;
constexpr std::int64_t kNow = 1'800'000'000'000;

// What `work` does counts, wherever collecting is off otherwise.
template <class Work>
void counted(const Work& work) {
  CALLGRIND_TOGGLE_COLLECT;
  work();
  CALLGRIND_TOGGLE_COLLECT;
}

// `once` does an operation, and has its part under test counted. The first time does not count.
template <class Once>
void operation(const char* name, const Once& once) {
  once();
  CALLGRIND_ZERO_STATS;
  for (int i = 0; i < kIterations; ++i) once();
  CALLGRIND_DUMP_STATS_AT(name);
}

class AnyServer : public tls::PeerVerifier {
 public:
  [[nodiscard]] Result<void, tls::Error> verify(const crypto::PeerCertificate& /*certificate*/,
                                                Bytes /*ocsp_response*/,
                                                std::string_view /*server_name*/,
                                                std::int64_t /*now_seconds*/) const override {
    return {};
  }
};

std::shared_ptr<const tls::ServerConfig> server_config() {
  const std::vector<std::string> names = {"localhost"};
  const auto made = crypto::make_self_signed(names, kNow / 1000, 30).value();
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(
      tls::load_credential(as_bytes(made.certificate_pem), made.private_key_pem, {}).value());
  config->tickets = tls::TicketKeys::generate();
  return config;
}

std::shared_ptr<const tls::ClientConfig> client_config() {
  auto config = std::make_shared<tls::ClientConfig>(std::make_shared<AnyServer>());
  config->grease = false;
  config->permute_extensions = false;
  return config;
}

template <class Connection>
void receive_all(Connection& connection, Buffer& from, Buffer& output) {
  MutableBytes input = from.mutable_bytes();
  for (;;) {
    const auto event = connection.receive(input, output);
    require(event.has_value(), "TLS works");
    if (event->kind == tls::Event::Kind::kNeedMore) break;
  }
  from.clear();
}

// Both ends of TLS, of which the server counts.
struct Tls {
  Tls(const std::shared_ptr<const tls::ServerConfig>& server_side,
      const std::shared_ptr<const tls::ClientConfig>& client_side,
      const std::shared_ptr<const tls::ClientSession>& session = nullptr)
      : client(client_side, tls::ServerName::parse("localhost").value(), kNow, session) {
    client.start(to_server);
    counted([&] {
      server = std::make_unique<tls::ServerConnection>(server_side, kNow);
      receive_all(*server, to_server, to_client);
    });
    receive_all(client, to_client, to_server);
    counted([&] { receive_all(*server, to_server, to_client); });
    receive_all(client, to_client, to_server);
    require(client.established() && server->established(), "the handshake is complete");
    require(server->resumed() == (session != nullptr), "it is a full one, or a resumed one");
  }

  tls::ClientConnection client;
  std::unique_ptr<tls::ServerConnection> server;
  Buffer to_server;
  Buffer to_client;
};

void count_tls() {
  const auto server_side = server_config();
  const auto client_side = client_config();
  operation("tls_full_handshake", [&] { const Tls pair(server_side, client_side); });
  Tls first(server_side, client_side);
  auto sessions = first.client.take_sessions(kNow);
  const auto session = std::make_shared<const tls::ClientSession>(std::move(sessions.back()));
  operation("tls_resumed_handshake", [&] { const Tls pair(server_side, client_side, session); });
  for (const auto& [name, size] : {std::pair("tls_send_64", 64), {"tls_send_16384", 16384}}) {
    const std::vector<std::uint8_t> text(static_cast<std::size_t>(size));
    operation(name, [&] {
      first.to_client.clear();
      counted([&] { first.server->send(text, first.to_client); });
      receive_all(first.client, first.to_client, first.to_server);
    });
  }
  for (const auto& [name, size] : {std::pair("tls_receive_64", 64), {"tls_receive_16384", 16384}}) {
    const std::vector<std::uint8_t> text(static_cast<std::size_t>(size));
    operation(name, [&] {
      first.client.send(text, first.to_server);
      counted([&] { receive_all(*first.server, first.to_server, first.to_client); });
    });
  }
}

void count_opening() {
  const std::string request =
      "GET /chat HTTP/1.1\r\nHost: localhost:9090\r\nConnection: Upgrade\r\n"
      "Pragma: no-cache\r\nCache-Control: no-cache\r\nUpgrade: websocket\r\n"
      "Origin: https://localhost:9090\r\nSec-WebSocket-Version: 13\r\n"
      "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
      "Sec-WebSocket-Protocol: heliograph.v1\r\n\r\n";
  Buffer wire;
  Buffer output;
  operation("ws_opening", [&] {
    wire.clear();
    wire.append(request);
    output.clear();
    MutableBytes input = wire.mutable_bytes();
    counted([&] {
      http::RequestParser parser;
      const auto head = parser.receive(input);
      const auto upgrade = ws::check_upgrade(head->value(), ws::OriginPolicy::any());
      require(upgrade.has_value(), "the request asks for a WebSocket");
      const ws::PendingUpgrade pending(*upgrade);
      require(pending.accept({.subprotocol = "heliograph.v1"}, output).has_value(), "it gets one");
    });
  });
}

void count_frames() {
  const ws::Limits limits;
  ws::Connection client(ws::Role::kClient, limits);
  ws::Connection server(ws::Role::kServer, limits);
  Buffer wire;
  Buffer output;
  for (const auto& [name, size] : {std::pair("ws_receive_64", 64), {"ws_receive_16384", 16384}}) {
    const std::string text(static_cast<std::size_t>(size), 'x');
    operation(name, [&] {
      wire.clear();
      client.send(ws::Opcode::kText, as_bytes(text), wire);
      MutableBytes input = wire.mutable_bytes();
      counted([&] {
        const auto event = server.receive(input, output);
        require(event && event->kind == ws::Event::Kind::kMessage, "the frame is a message");
      });
    });
  }
  std::string mixed;
  while (mixed.size() < 16384) mixed += "Le cœur déçu, Ζεύς καὶ Ἥρα, 信号 and so on. ";
  operation("ws_utf8_16384",
            [&] { counted([&] { require(ws::is_utf8(as_bytes(mixed)), "the text is UTF-8"); }); });
}

void count_replies() {
  resp::Parser parser;
  std::string replies;
  for (int i = 0; i < 100; ++i) replies += "$64\r\n" + std::string(64, 'x') + "\r\n";
  std::string array = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) array += "$10\r\nuser:" + std::to_string(10000 + i) + "\r\n";
  for (const auto& [name, stream, piece] :
       {std::tuple("resp_get_100", &replies, std::size_t{1} << 20),
        {"resp_get_100_in_segments", &replies, std::size_t{1448}},
        {"resp_array_1000", &array, std::size_t{1} << 20},
        {"resp_array_1000_in_segments", &array, std::size_t{1448}}}) {
    Buffer wire;
    wire.append(*stream);
    operation(name, [&] {
      counted([&] {
        for (std::size_t at = 0; at < wire.size(); at += piece) {
          MutableBytes input = wire.mutable_bytes().subspan(at, std::min(piece, wire.size() - at));
          while (parser.receive(input).value()) {
          }
        }
      });
    });
  }
}

void count_relays() {
  for (const auto& [offer, candidate, dialect] :
       {std::tuple("signal_tutorial_offer", "signal_tutorial_candidate", Speaks::kTutorial),
        {"signal_v1_offer", "signal_v1_candidate", Speaks::kHeliograph}}) {
    Relay relay(dialect);
    Buffer output;
    for (const auto& [name, message] :
         {std::pair(offer, relay.offer(200)), {candidate, relay.candidate(200)}}) {
      const Bytes text = as_bytes(message);
      operation(name, [&] {
        output.clear();
        counted([&] { require(relay.relay(text, output), "the message is relayed"); });
      });
    }
  }
}

}  // namespace

static void count_all() {
  count_tls();
  count_opening();
  count_frames();
  count_replies();
  count_relays();
}

}  // namespace heliograph::bench

int main() {
  std::printf("%s\n", HELIOGRAPH_COMPILER);
  heliograph::bench::count_all();
}
