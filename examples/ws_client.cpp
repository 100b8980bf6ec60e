// A WebSocket client: what is typed is sent, a line a message, and what arrives is printed.
//
//   ws_client URL [--ca FILE] [--deflate] [--subprotocol NAME]... [--echo] [--max-message BYTES]
//             [--max-frames NUMBER]
//
// A line that is no UTF-8 goes as a binary message. With --echo nothing is typed, but every message
// goes back to where it came from. At the end of the input, the connection is closed with 1000. A
// wss:// server is verified by the authorities of FILE, or by those that this system trusts.
#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "crypto/start.hpp"
#include "options.hpp"
#include "stream.hpp"
#include "url.hpp"
#include "ws/client_handshake.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"
#include "ws/utf8.hpp"

namespace {

using namespace heliograph;

// How long the server may take to hang up after our last word.
constexpr int kCloseWait = 5000;  // milliseconds

struct Arguments {
  std::string url;
  std::string ca;
  std::vector<std::string_view> subprotocols;
  bool deflate = false;
  bool echo = false;
  ws::Limits limits;
};

class Client {
 public:
  Client(const Arguments& arguments, const url::Url& url, bool secure)
      : arguments_(arguments), stream_(url, secure, arguments.ca) {
    ws::UpgradeOffer offer{
        .authority = url.authority, .target = url.target, .subprotocols = arguments.subprotocols};
    if (arguments.deflate) offer.deflate.emplace();
    if (!handshake_.start(offer, output_)) throw std::runtime_error("this cannot be asked for");
  }

  // Until the server has hung up. True if it has closed the WebSocket before, and as wished.
  bool run() {
    for (bool connected = true; connected;) {
      stream_.write(output_);
      const bool closing = connection_ && connection_->close_sent();
      const bool may_type = connection_ && !closing && !arguments_.echo;
      std::array<pollfd, 2> ready{
          {{.fd = stream_.fd(), .events = POLLIN, .revents = 0},
           {.fd = may_type ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}}};
      if (::poll(ready.data(), ready.size(), closing ? kCloseWait : -1) == 0) break;
      if (ready[1].revents != 0) send_typed();
      if (ready[0].revents == 0) continue;
      connected = stream_.read([this](MutableBytes input) { receive(input); });
    }
    return closed_well_;
  }

 private:
  void receive(MutableBytes input) {
    if (!connection_ && !open(input)) return;
    for (;;) {
      const auto event = connection_->receive(input, output_);
      if (!event) give_up(ws::describe(event.error()));
      if (event->kind == ws::Event::Kind::kNeedMore) return;
      if (event->kind == ws::Event::Kind::kMessage) take_message(event->opcode, event->data);
      if (event->kind == ws::Event::Kind::kClose) take_close(event->code, as_text(event->data));
    }
  }

  bool open(MutableBytes& input) {
    const auto opened = handshake_.receive(input);
    if (!opened) give_up(ws::describe(opened.error()));
    if (!*opened) return false;
    const auto& [subprotocol, agreed] = **opened;
    std::cerr << "open" << (subprotocol.empty() ? "" : " " + subprotocol)
              << (agreed ? " permessage-deflate\n" : "\n");
    std::unique_ptr<ws::MessageDeflate> deflate;
    if (agreed) {
      deflate = std::make_unique<ws::MessageDeflate>(ws::Role::kClient, *agreed, deflate_pool_);
    }
    connection_.emplace(ws::Role::kClient, arguments_.limits, std::move(deflate));
    return true;
  }

  void take_message(ws::Opcode opcode, Bytes message) {
    if (arguments_.echo) return connection_->send(opcode, message, output_);
    std::cout << as_text(message) << std::endl;
  }

  void take_close(ws::CloseCode code, std::string_view reason) {
    std::cerr << "closed " << static_cast<int>(code) << (reason.empty() ? "" : " ") << reason
              << '\n';
    closed_well_ = code == ws::CloseCode::kNormal || code == ws::CloseCode::kNoStatus;
  }

  void send_typed() {
    std::array<char, 4096> block{};
    const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
    if (count <= 0) return connection_->close(ws::CloseCode::kNormal, {}, output_);
    typed_.append(block.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = typed_.find('\n')) != std::string::npos;) {
      const Bytes line = as_bytes(std::string_view(typed_).substr(0, end));
      connection_->send(ws::is_utf8(line) ? ws::Opcode::kText : ws::Opcode::kBinary, line, output_);
      typed_.erase(0, end + 1);
    }
  }

  [[noreturn]] void give_up(std::string_view reason) {
    stream_.write(output_);
    stream_.finish();
    throw std::runtime_error(std::string(reason));
  }

  const Arguments& arguments_;
  Stream stream_;
  ws::ClientHandshake handshake_;
  ws::DeflatePool deflate_pool_;
  std::optional<ws::Connection> connection_;
  Buffer output_;
  std::string typed_;
  bool closed_well_ = false;
};

Arguments parse_arguments(int count, char** words) {
  Arguments arguments;
  for (Options options(count, words); options.next();) {
    if (options.word() == "--ca") {
      arguments.ca = options.value();
    } else if (options.word() == "--deflate") {
      arguments.deflate = true;
    } else if (options.word() == "--subprotocol") {
      arguments.subprotocols.push_back(options.value());
    } else if (options.word() == "--echo") {
      arguments.echo = true;
    } else if (options.word() == "--max-message") {
      arguments.limits.max_message = options.number<std::uint32_t>();
    } else if (options.word() == "--max-frames") {
      arguments.limits.max_frames_per_message = options.number<std::uint32_t>();
    } else if (options.word().starts_with("--") || !arguments.url.empty()) {
      options.refuse();
    } else {
      arguments.url = options.word();
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) try {
  crypto::start();
  const Arguments arguments = parse_arguments(argc, argv);
  const bool secure = arguments.url.starts_with("wss://");
  if (!secure && !arguments.url.starts_with("ws://")) {
    throw std::invalid_argument("ws:// or wss:// only");
  }
  const url::Url url = url::parse(arguments.url, secure ? "wss" : "ws", secure ? "443" : "80");
  return Client(arguments, url, secure).run() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "ws_client: " << error.what() << '\n';
  return 1;
}
