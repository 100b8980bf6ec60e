// Blocking TCP sockets for the examples. What fails to begin throws.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.hpp"
#include "base/bytes.hpp"

namespace tcp {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd), block_(kBlock) {}
  Socket(Socket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), block_(std::move(other.block_)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int fd() const { return fd_; }

  // From now on read() and write() give up after so long.
  void set_timeout(std::chrono::seconds timeout) const {
    const timeval value{.tv_sec = timeout.count(), .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
  }

  // Waits for bytes. They are valid until the next call; empty: there are no more.
  heliograph::MutableBytes read() {
    const ssize_t count = ::recv(fd_, block_.data(), kBlock, 0);
    return heliograph::MutableBytes(block_).first(count > 0 ? static_cast<std::size_t>(count) : 0);
  }

  // Sends all of `output` and empties it. False if the peer is gone.
  bool write(heliograph::Buffer& output) const {
    while (!output.empty()) {
      const ssize_t count = ::send(fd_, output.data(), output.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      output.consume(static_cast<std::size_t>(count));
    }
    return true;
  }

  // Sends `output` and waits for `input`. False if the peer has no more to say.
  bool exchange(heliograph::Buffer& output, heliograph::MutableBytes& input) {
    write(output);
    input = read();
    return !input.empty();
  }

  // Says that nothing more comes, and gives the peer a second to say so too: a socket that is
  // closed with unread bytes resets the connection, and the last words are lost.
  void finish() {
    ::shutdown(fd_, SHUT_WR);
    set_timeout(std::chrono::seconds(1));
    for (int i = 0; i < kMaxLeftovers && !read().empty(); ++i) {
    }
  }

 private:
  // Nobody holds us up by sending on and on.
  static constexpr int kMaxLeftovers = 64;
  static constexpr std::size_t kBlock = std::size_t{16} * 1024;

  int fd_;
  std::vector<std::uint8_t> block_;
};

inline Socket connect(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    throw std::runtime_error(host + ":" + port + ": " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Socket socket(::socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.fd(), entry->ai_addr, entry->ai_addrlen) == 0) return socket;
  }
  throw std::system_error(errno, std::system_category(), host + ":" + port);
}

// On every address of this host.
inline Socket listen(const std::string& port) {
  Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(std::stoul(port)));
  const auto* const generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  if (::bind(socket.fd(), generic, sizeof address) != 0 || ::listen(socket.fd(), SOMAXCONN) != 0) {
    throw std::system_error(errno, std::system_category(), "port " + port);
  }
  return socket;
}

// Waits for the next client, and for descriptors if they have run out.
inline Socket accept(const Socket& listener) {
  for (;;) {
    const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) return Socket(fd);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// Milliseconds since 1970.
inline std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Serves every client on a thread of its own. A client for whom there is none left is turned away.
template <class Serve>
[[noreturn]] void serve_each(const Socket& listener, const Serve& serve) {
  for (;;) {
    Socket client = accept(listener);
    try {
      std::thread(serve, std::move(client)).detach();
    } catch (const std::system_error&) {
    }
  }
}

}  // namespace tcp
