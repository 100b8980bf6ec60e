// One wss:// connection of the load client: a non-blocking socket, libssl, and just enough of
// WebSocket to be greeted, to answer pings and to exchange short text messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <openssl/ssl.h>

namespace heliograph::bench {

class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class LoadConnection {
 public:
  // Starts to connect from `source` (with port 0) to `server`. Throws ConnectionError, as all here.
  LoadConnection(SSL_CTX* context, const sockaddr_in& source, const sockaddr_in& server);
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;
  ~LoadConnection();

  [[nodiscard]] int fd() const { return fd_; }
  // The WebSocket is open.
  [[nodiscard]] bool open() const { return state_ == State::kOpen; }

  // Goes as far as the socket allows. Call whenever it has become readable or writable.
  void advance();
  void send_text(std::string_view message);

  [[nodiscard]] bool has_message() const { return !messages_.empty(); }
  std::string take_message();

 private:
  enum class State : std::uint8_t { kHandshake, kUpgrade, kOpen };

  bool handshake();
  void read();
  void flush();
  bool parse_upgrade();
  bool parse_frame();
  void send_frame(std::uint8_t opcode, std::string_view payload);
  // True if the call that returned `result` has to wait for the socket.
  [[nodiscard]] bool must_wait(int result) const;

  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  int fd_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  State state_ = State::kHandshake;
  std::string input_;
  std::string output_;
  std::deque<std::string> messages_;
};

}  // namespace heliograph::bench
