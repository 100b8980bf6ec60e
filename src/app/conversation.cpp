#include "app/conversation.hpp"

#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "app/exit_status.hpp"
#include "http/parser.hpp"
#include "ws/client_handshake.hpp"
#include "ws/connection.hpp"
#include "ws/utf8.hpp"

namespace heliograph::app {

namespace {

void print(Bytes data) {
  std::cout << as_text(data) << std::flush;
}

// A response that is printed as it arrives.
class Page {
 public:
  explicit Page(TlsClient& server) : server_(server) {}

  void receive(MutableBytes data) {
    if (!has_head_) receive_head(data);
    size_ += data.size();
    print(data);
  }
  // Everything that was announced has arrived.
  [[nodiscard]] bool complete() const { return has_head_ && length_ && size_ >= *length_; }
  // The server has closed the connection.
  void end() const {
    if (!has_head_) server_.fail(EX_PROTOCOL, "it closed the connection without a response");
    if (length_ && size_ < *length_) {
      server_.fail(EX_PROTOCOL, "it closed the connection after " + std::to_string(size_) + " of " +
                                    std::to_string(*length_) + " bytes");
    }
  }

 private:
  void receive_head(MutableBytes& data) {
    const auto head = parser_.receive(data);
    if (!head) server_.fail(EX_PROTOCOL, http::describe(head.error()));
    if (!*head) return;
    has_head_ = true;
    const http::ResponseHead& response = **head;
    std::cout << "HTTP/1." << response.minor_version << ' ' << response.status << ' '
              << response.reason << '\n';
    for (const auto& [name, value] : response.fields.all()) {
      std::cout << name << ": " << value << '\n';
    }
    std::cout << '\n';
    if (response.fields.find("Transfer-Encoding") != nullptr) {
      server_.fail(EX_PROTOCOL, "its response has a Transfer-Encoding, which HTTP/1.0 has not");
    }
    const std::string_view length = response.fields.value("Content-Length");
    std::size_t bytes = 0;
    const auto parsed = std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (!length.empty() && parsed.ec == std::errc()) length_ = bytes;
  }

  TlsClient& server_;
  http::ResponseParser parser_;
  bool has_head_ = false;
  std::optional<std::size_t> length_;
  std::size_t size_ = 0;
};

class Messages {
 public:
  Messages(TlsClient& server, const ServerUrl& url) : server_(server) { open(url); }

  void run() {
    while (!socket_.close_received()) {
      const Incoming incoming = server_.wait(Typing::kAwaited);
      switch (incoming.kind) {
        case Incoming::Kind::kTyped:
          type(as_text(incoming.data));
          break;
        case Incoming::Kind::kData:
          receive(incoming.data);
          break;
        case Incoming::Kind::kClosed:
          server_.fail(EX_PROTOCOL, "it closed the connection without a close frame");
      }
      flush();
    }
    server_.close();
    if (code_ != ws::CloseCode::kNormal && code_ != ws::CloseCode::kNoStatus &&
        code_ != ws::CloseCode::kGoingAway) {
      server_.fail(EX_PROTOCOL, "it closed the WebSocket with " +
                                    std::to_string(static_cast<int>(code_)) +
                                    (reason_.empty() ? "" : ": " + reason_));
    }
  }

 private:
  void open(const ServerUrl& url) {
    ws::ClientHandshake handshake;
    if (!handshake.start({.authority = url.authority, .target = url.target, .subprotocols = {}},
                         output_)) {
      server_.fail(EX_USAGE, "the URL cannot be written in a request");
    }
    flush();
    for (;;) {
      Incoming incoming = server_.wait(Typing::kIgnored);
      if (incoming.kind == Incoming::Kind::kClosed) {
        server_.fail(EX_PROTOCOL, "it closed the connection without a response");
      }
      const auto opened = handshake.receive(incoming.data);
      if (!opened) refuse(handshake, opened.error());
      if (!*opened) continue;
      receive(incoming.data);
      return flush();
    }
  }

  [[noreturn]] void refuse(const ws::ClientHandshake& handshake, ws::ClientHandshakeError error) {
    std::string reason(ws::describe(error));
    if (handshake.http_error()) reason.append(": ").append(http::describe(*handshake.http_error()));
    if (handshake.status() != 0 && handshake.status() != 101) {
      reason += " (status " + std::to_string(handshake.status()) + ")";
    }
    server_.fail(EX_PROTOCOL, reason);
  }

  // Bytes of standard input; none at its end.
  void type(std::string_view text) {
    const bool end = text.empty();
    while (!text.empty()) {
      const std::size_t line_end = text.find('\n');
      line_ += text.substr(0, line_end);
      if (line_end == std::string_view::npos) break;
      send_line();
      text.remove_prefix(line_end + 1);
    }
    if (!end) return;
    if (!line_.empty()) send_line();
    // No message is returned behind a close frame: the pong shows that the answers have come.
    typed_everything_ = true;
    socket_.ping({}, output_);
  }

  void send_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (!ws::is_utf8(as_bytes(line_))) {
      throw Failure(EX_DATAERR, "a line of standard input is not UTF-8");
    }
    socket_.send(ws::Opcode::kText, as_bytes(line_), output_);
    line_.clear();
  }

  void receive(MutableBytes data) {
    for (;;) {
      const auto event = socket_.receive(data, output_);
      if (!event) {
        flush();
        server_.close();
        server_.fail(EX_PROTOCOL, ws::describe(event.error()));
      }
      switch (event->kind) {
        case ws::Event::Kind::kNeedMore:
          return;
        case ws::Event::Kind::kMessage:
          std::cout << as_text(event->data) << '\n' << std::flush;
          break;
        case ws::Event::Kind::kPart:
          break;
        case ws::Event::Kind::kPong:
          if (typed_everything_) socket_.close(ws::CloseCode::kNormal, {}, output_);
          break;
        case ws::Event::Kind::kClose:
          code_ = event->code;
          reason_ = as_text(event->data);
          return;
      }
    }
  }

  void flush() {
    if (!output_.empty()) server_.send(output_.bytes());
    output_.clear();
  }

  // More than any message that a person wants to see on a terminal.
  static constexpr ws::Limits kLimits{.max_message = 16 * 1024 * 1024};

  TlsClient& server_;
  ws::Connection socket_{ws::Role::kClient, kLimits};
  Buffer output_;
  std::string line_;
  bool typed_everything_ = false;
  ws::CloseCode code_ = ws::CloseCode::kNoStatus;
  std::string reason_;
};

}  // namespace

void copy_streams(TlsClient& server) {
  for (;;) {
    const Incoming incoming = server.wait(Typing::kAwaited);
    switch (incoming.kind) {
      case Incoming::Kind::kData:
        print(incoming.data);
        break;
      case Incoming::Kind::kTyped:
        if (incoming.data.empty()) {
          server.close();
        } else {
          server.send(incoming.data);
        }
        break;
      case Incoming::Kind::kClosed:
        return;
    }
  }
}

void get_page(TlsClient& server, const ServerUrl& url) {
  server.send(as_bytes("GET " + url.target + " HTTP/1.0\r\nHost: " + url.authority + "\r\n\r\n"));
  Page page(server);
  while (!page.complete()) {
    const Incoming incoming = server.wait(Typing::kIgnored);
    if (incoming.kind == Incoming::Kind::kClosed) return page.end();
    page.receive(incoming.data);
  }
  server.close();
}

void exchange_messages(TlsClient& server, const ServerUrl& url) {
  Messages(server, url).run();
}

}  // namespace heliograph::app
