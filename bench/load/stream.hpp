// One TCP connection over the loopback, with TLS by libssl or without.
//
// What is written waits until flush(), in a record for each write(), and leaves in one send().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

// 127.0.0.1 is number 0, and so on.
sockaddr_in loopback(std::uint32_t number, std::uint16_t port);

class Stream {
 public:
  // Starts to connect from `source` (with port 0). Without `tls` it is plain TCP; `session` is
  // resumed if there is one. Throws ConnectionError, as all here.
  Stream(SSL_CTX* tls, SSL_SESSION* session, const sockaddr_in& source, const sockaddr_in& server);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  [[nodiscard]] int fd() const { return fd_; }
  // Goes on with the handshakes of TCP and TLS; true when they are done.
  bool establish();
  [[nodiscard]] bool resumed() const;

  // Nothing if it has to wait, 0 at the end of the peer's bytes.
  std::optional<std::size_t> read(std::span<char> into);
  // More can be read without asking the socket.
  [[nodiscard]] bool buffered() const;
  void write(std::string_view bytes);
  // False if the socket has no room for all.
  bool flush();
  // Bytes that wait for room.
  [[nodiscard]] std::size_t waiting() const;
  // Nothing more is sent.
  void finish();

 private:
  [[nodiscard]] bool must_wait(int result) const;
  std::optional<std::size_t> read_tcp(std::span<char> into);

  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  int fd_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string output_;
  bool connected_ = false;
  bool established_ = false;
};

}  // namespace heliograph::bench
