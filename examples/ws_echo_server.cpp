// A WebSocket server that sends every message back, text as text and binary as binary:
//
//   ws_echo_server --port N [--tls --cert FILE --key FILE] [--deflate] [--subprotocol NAME]...
//                  [--max-message BYTES] [--max-frames N]
//
// Port 0 picks a free one; the first line says which. SIGTERM says goodbye to every client (close
// code 1001) and ends it.

#include <algorithm>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "crypto/start.hpp"
#include "net/listener.hpp"
#include "net/signals.hpp"
#include "pem.hpp"
#include "server/client_loop.hpp"
#include "tls/server_config.hpp"
#include "ws/handshake.hpp"

namespace {

using namespace heliograph;
using server::ClientLoop;

// For all clients together; beyond, compression is declined.
constexpr std::size_t kDeflateBudget = std::size_t{64} * 1024 * 1024;

struct Arguments {
  std::uint16_t port = 9001;
  bool tls = false;
  std::string certificate = "server.crt";
  std::string key = "server.key";
  std::vector<std::string_view> subprotocols;
  server::ChannelOptions channel;
};

template <class Number>
Number parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number, or too large: " + std::string(text));
  }
  return number;
}

Arguments parse_arguments(std::span<char*> words) {
  Arguments arguments;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view name = words[i];
    const auto value = [&] {
      if (++i == words.size()) throw std::invalid_argument(std::string(name) + " needs a value");
      return std::string_view(words[i]);
    };
    if (name == "--tls") {
      arguments.tls = true;
    } else if (name == "--deflate") {
      arguments.channel.deflate_budget = std::make_shared<ws::DeflateBudget>(kDeflateBudget);
    } else if (name == "--subprotocol") {
      arguments.subprotocols.push_back(value());
    } else if (name == "--port") {
      arguments.port = parse_number<std::uint16_t>(value());
    } else if (name == "--cert") {
      arguments.certificate = value();
    } else if (name == "--key") {
      arguments.key = value();
    } else if (name == "--max-message") {
      arguments.channel.limits.max_message = parse_number<std::uint32_t>(value());
    } else if (name == "--max-frames") {
      arguments.channel.limits.max_frames_per_message = parse_number<std::uint32_t>(value());
    } else {
      throw std::invalid_argument("unknown option: " + std::string(name));
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

void serve(ClientLoop& loop, const net::Signals& signals,
           std::span<const std::string_view> subprotocols) {
  constexpr net::PollToken kSignalToken = ClientLoop::kFirstOwnerToken;
  std::ignore = loop.poller().add(signals.fd(), kSignalToken, {.readable = true});
  for (bool ending = false;;) {
    const ClientLoop::Event event = loop.next();
    switch (event.kind) {
      case ClientLoop::Event::Kind::kUpgrade:
        loop.accept(event.client, ws::choose_subprotocol(*event.upgrade, subprotocols));
        break;
      case ClientLoop::Event::Kind::kMessage:
        loop.send(event.client, event.opcode, event.data);
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
    const Arguments arguments = parse_arguments({words, static_cast<std::size_t>(count)});
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
