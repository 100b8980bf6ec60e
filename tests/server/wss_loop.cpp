#include "tests/server/wss_loop.hpp"

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include <sys/socket.h>

#include "crypto/self_signed.hpp"
#include "net/clock.hpp"
#include "tls/credential.hpp"
#include "tls/ticket.hpp"

namespace heliograph::server::test {
namespace {

using Kind = ClientLoop::Event::Kind;

constexpr std::string_view kEndOfHead = "\r\n\r\n";

void require(bool holds) {
  if (!holds) std::abort();
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

std::shared_ptr<const tls::ServerConfig> server_tls() {
  const std::vector<std::string> names = {"localhost"};
  const auto pair = crypto::make_self_signed(names, net::wall_clock_now() / 1000, 30).value();
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(
      tls::load_credential(as_bytes(pair.certificate_pem), pair.private_key_pem, {}).value());
  config->application_protocols = {"http/1.1"};
  config->tickets = tls::TicketKeys::generate();
  return config;
}

std::shared_ptr<const tls::ClientConfig> client_tls() {
  static const auto kConfig =
      std::make_shared<const tls::ClientConfig>(std::make_shared<AnyServer>());
  return kConfig;
}

}  // namespace

WssLoop::WssLoop(const Limits& limits) {
  const auto config = server_tls();
  net::Listener listener(net::numeric_endpoint("127.0.0.1", 0).value(), false);
  address = listener.local();
  meter.of([&] {
    loop =
        std::make_unique<ClientLoop>(options_, WaterMarks{}, config, std::move(listener), limits);
  });
}

void WssLoop::turn() {
  for (;;) {
    ClientLoop::Event event;
    meter.of([&] {
      loop->wake_at(0);
      event = loop->next();
      if (event.kind == Kind::kUpgrade) {
        const auto offered = event.upgrade->fields.value("Sec-WebSocket-Protocol");
        require(loop->accept(event.client, offered));
      }
      on_event(event);
    });
    if (event.kind == Kind::kTurnEnd) return;
  }
}

WssClient::WssClient(WssLoop& loop, std::string_view subprotocol)
    : loop_(loop),
      socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      tls_(client_tls(), tls::ServerName::any(), net::wall_clock_now()) {
  require(connect(socket_.get(), loop.address.address(), loop.address.length) == 0);
  tls_.start(output_);
  write();
  receive_until([&] { return tls_.established(); });
  std::string request =
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!subprotocol.empty())
    request.append("Sec-WebSocket-Protocol: ").append(subprotocol) += "\r\n";
  tls_.send(as_bytes(request + "\r\n"), output_);
  write();
  receive_until([&] { return plaintext_.text().ends_with(kEndOfHead); });
  plaintext_.clear();
}

void WssClient::say(std::string_view text) {
  Buffer frame;
  ws_.send(ws::Opcode::kText, as_bytes(text), frame);
  tls_.send(frame.bytes(), output_);
  write();
}

void WssClient::say_half(std::string_view text) {
  Buffer frame;
  ws_.send(ws::Opcode::kText, as_bytes(text), frame);
  tls_.send(frame.bytes(), output_);
  write(1);
}

std::string_view WssClient::hear() {
  Buffer ignored;
  heard_.clear();
  receive_until([&] {
    MutableBytes input = plaintext_.mutable_bytes();
    const auto event = ws_.receive(input, ignored);
    require(event.has_value());
    if (event->kind == ws::Event::Kind::kMessage) heard_ = as_text(event->data);
    plaintext_.consume(plaintext_.size() - input.size());
    return !heard_.empty();
  });
  return heard_;
}

void WssClient::write(std::size_t keep_back) {
  const std::size_t size = output_.size() - keep_back;
  require(send(socket_.get(), output_.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size));
  output_.consume(size);
}

void WssClient::receive_until(const std::function<bool()>& done) {
  std::array<std::uint8_t, 4096> bytes;
  while (!done()) {
    loop_.turn();
    const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0) continue;
    require(count > 0);
    MutableBytes input = MutableBytes(bytes).first(static_cast<std::size_t>(count));
    for (;;) {
      const auto event = tls_.receive(input, output_);
      require(event.has_value());
      if (event->kind == tls::Event::Kind::kNeedMore) break;
      plaintext_.append(event->data);
    }
    if (!output_.empty()) write();
  }
}

}  // namespace heliograph::server::test
