// A WebSocket client: what is typed is sent, a line a message, and what arrives is printed.
//
//   ws_client URL [--ca FILE] [--deflate] [--subprotocol NAME]... [--echo] [--max-message BYTES]
//             [--max-frames NUMBER]
//
// A line that is no UTF-8 goes as a binary message. With --echo nothing is typed, but every message
// goes back to where it came from. At the end of the input, the connection is closed with 1000. A
// wss:// server is verified by the authorities of FILE, or by those that this system trusts.
#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "crypto/start.hpp"
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

struct Options {
  std::string url;
  std::string ca;
  std::vector<std::string_view> subprotocols;
  bool deflate = false;
  bool echo = false;
  ws::Limits limits;
};

class Client {
 public:
  Client(const Options& options, const url::Url& url, bool secure)
      : options_(options), stream_(url, secure, options.ca) {
    ws::UpgradeOffer offer{
        .authority = url.authority, .target = url.target, .subprotocols = options.subprotocols};
    if (options.deflate) offer.deflate.emplace();
    if (!handshake_.start(offer, output_)) throw std::runtime_error("this cannot be asked for");
  }

  // Until the server has hung up. True if it has closed the WebSocket before, and as wished.
  bool run() {
    for (bool connected = true; connected;) {
      stream_.write(output_);
      const bool closing = connection_ && connection_->close_sent();
      const bool may_type = connection_ && !closing && !options_.echo;
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
    connection_.emplace(ws::Role::kClient, options_.limits, std::move(deflate));
    return true;
  }

  void take_message(ws::Opcode opcode, Bytes message) {
    if (options_.echo) return connection_->send(opcode, message, output_);
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

  const Options& options_;
  Stream stream_;
  ws::ClientHandshake handshake_;
  ws::DeflatePool deflate_pool_;
  std::optional<ws::Connection> connection_;
  Buffer output_;
  std::string typed_;
  bool closed_well_ = false;
};

Options parse_options(std::span<char*> words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const auto value = [&] { return ++i < words.size() ? words[i] : ""; };
    const auto number = [&] { return static_cast<std::uint32_t>(std::stoul(value())); };
    if (!word.starts_with("--")) options.url = word;
    if (word == "--ca") options.ca = value();
    if (word == "--deflate") options.deflate = true;
    if (word == "--subprotocol") options.subprotocols.emplace_back(value());
    if (word == "--echo") options.echo = true;
    if (word == "--max-message") options.limits.max_message = number();
    if (word == "--max-frames") options.limits.max_frames_per_message = number();
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  crypto::start();
  const Options options = parse_options({argv + 1, argv + argc});
  const bool secure = !options.url.starts_with("ws://");
  const url::Url url = url::parse(options.url, secure ? "wss" : "ws", secure ? "443" : "80");
  return Client(options, url, secure).run() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "ws_client: " << error.what() << '\n';
  return 1;
}
