#include "tests/bogo/transport.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw Failure{std::string(what) + ": " + std::generic_category().message(errno)};
}

template <class Address>
net::FileDescriptor connect_to(const Address& address, int family) {
  net::FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* const generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  if (!socket.valid() || ::connect(socket.get(), generic, sizeof address) != 0) {
    throw_errno("connect");
  }
  return socket;
}

net::FileDescriptor connect_to_loopback(std::uint16_t port, bool ipv6) {
  if (ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return connect_to(address, AF_INET6);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect_to(address, AF_INET);
}

}  // namespace

Transport::Transport(std::uint16_t port, bool ipv6, std::uint64_t shim_id)
    : socket_(connect_to_loopback(port, ipv6)) {
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Buffer greeting;
  for (int shift = 0; shift < 64; shift += 8) {
    greeting.u8(static_cast<std::uint8_t>(shim_id >> shift));
  }
  send(greeting);
}

Transport::~Transport() {
  ::shutdown(socket_.get(), SHUT_WR);
  while (!receive().empty()) {
  }
}

MutableBytes Transport::receive() {
  ssize_t count = 0;
  do {
    count = ::recv(socket_.get(), received_.data(), kReceiveSize, 0);
  } while (count < 0 && errno == EINTR);
  return MutableBytes(received_).first(count > 0 ? static_cast<std::size_t>(count) : 0);
}

void Transport::send(Buffer& output, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(socket_.get(), output.data(), count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // Nobody will read it.
    const std::size_t done = sent < 0 ? count : static_cast<std::size_t>(sent);
    output.consume(done);
    count -= done;
  }
}

}  // namespace heliograph::bogo
