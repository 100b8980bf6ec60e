// A WebSocket server that sends every message back, text as text and binary as binary:
//
//   ws_echo_server --port N [--tls --cert FILE --key FILE] [--deflate] [--subprotocol NAME]...
//                  [--max-message BYTES] [--max-frames N]
//
// Port 0 picks a free one; the first line says which. SIGTERM says goodbye to every client (close
// code 1001) and ends it.
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "crypto/start.hpp"
#include "net/listener.hpp"
#include "net/signals.hpp"
#include "options.hpp"
#include "pem.hpp"
#include "server/client_loop.hpp"
#include "tls/server_config.hpp"
#include "ws/handshake.hpp"

namespace {

using namespace heliograph;
using server::ClientLoop;

struct Arguments {
  std::uint16_t port = 9001;
  bool tls = false;
  std::string certificate = "server.crt";
  std::string key = "server.key";
  std::vector<std::string_view> subprotocols;
  server::ChannelOptions channel;
};

Arguments parse_arguments(int count, char** words) {
  Arguments arguments;
  for (Options options(count, words); options.next();) {
    if (options.word() == "--tls") {
      arguments.tls = true;
    } else if (options.word() == "--deflate") {
      arguments.channel.deflate_budget =
          std::make_shared<ws::DeflateBudget>(server::kDeflateBudget);
    } else if (options.word() == "--subprotocol") {
      arguments.subprotocols.push_back(options.value());
    } else if (options.word() == "--port") {
      arguments.port = options.number<std::uint16_t>();
    } else if (options.word() == "--cert") {
      arguments.certificate = options.value();
    } else if (options.word() == "--key") {
      arguments.key = options.value();
    } else if (options.word() == "--max-message") {
      arguments.channel.limits.max_message = options.number<std::uint32_t>();
    } else if (options.word() == "--max-frames") {
      arguments.channel.limits.max_frames_per_message = options.number<std::uint32_t>();
    } else {
      options.refuse();
    }
  }
  return arguments;
}

std::shared_ptr<const tls::ServerConfig> load_tls(const Arguments& arguments) {
  if (!arguments.tls) return nullptr;
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(pem::credential(arguments.certificate, arguments.key));
  config->application_protocols = {"http/1.1"};
  return config;
}

void echo(ClientLoop& loop, const ClientLoop::Event& event) {
  const Bytes message = event.data;
  loop.send(event.client, event.opcode, {&message, 1});
}

void serve(ClientLoop& loop, const net::Signals& signals,
           std::span<const std::string_view> subprotocols) {
  constexpr net::PollToken kSignalToken = ClientLoop::kFirstOwnerToken;
  loop.watch(signals.fd(), kSignalToken);
  for (bool ending = false;;) {
    const ClientLoop::Event event = loop.next();
    switch (event.kind) {
      case ClientLoop::Event::Kind::kUpgrade:
        loop.accept(event.client,
                    ws::choose_subprotocol(event.upgrade->fields.joined("Sec-WebSocket-Protocol"),
                                           subprotocols));
        break;
      case ClientLoop::Event::Kind::kMessage:
        echo(loop, event);
        break;
      case ClientLoop::Event::Kind::kReady:
        std::ignore = signals.take();
        ending = true;
        loop.stop_accepting();
        loop.close_all(ws::CloseCode::kGoingAway, "the server is going away");
        break;
      case ClientLoop::Event::Kind::kTurnEnd:
        if (ending && loop.size() == 0) return;
        break;
      default:
        break;
    }
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    const Arguments arguments = parse_arguments(count, words);
    crypto::start();
    const net::Signals signals({SIGTERM, SIGINT});
    net::Listener listener =
        std::move(net::listen(net::wildcard_endpoints(arguments.port), 1).front());
    const std::uint16_t port = listener.local().port();
    // What waits for a client is what it sent: reading less of it is all that is needed.
    ClientLoop loop(arguments.channel, {.close_above = server::WaterMarks::kUnbounded},
                    load_tls(arguments), std::move(listener));
    std::cout << "listening on " << (arguments.tls ? "wss" : "ws") << "://localhost:" << port
              << std::endl;
    serve(loop, signals, arguments.subprotocols);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
