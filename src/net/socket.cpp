#include "net/socket.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/kernel.hpp"

namespace heliograph::net {

namespace {

IoError io_error() {
  return errno == EAGAIN || errno == EWOULDBLOCK ? IoError::kWouldBlock : IoError::kFailed;
}

}  // namespace

Result<std::size_t, IoError> receive(int fd, MutableBytes into) {
  ssize_t count = 0;
  do {
    count = kernel::recv(fd, into.data(), into.size());
  } while (count < 0 && errno == EINTR);
  if (count > 0) return static_cast<std::size_t>(count);
  return fail(count == 0 ? IoError::kEnd : io_error());
}

Result<std::size_t, IoError> send(int fd, Bytes bytes) {
  ssize_t count = 0;
  do {
    count = kernel::send(fd, bytes.data(), bytes.size());
  } while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<std::size_t>(count);
  return fail(io_error());
}

void shutdown_send(int fd) {
  kernel::shutdown(fd, SHUT_WR);
}

Result<FileDescriptor, std::string> connect(const Endpoint& endpoint) {
  FileDescriptor socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() ||
      (::connect(socket.get(), endpoint.address(), endpoint.length) != 0 && errno != EINPROGRESS)) {
    return std::unexpected("cannot connect to " + endpoint.text() + ": " +
                           std::system_category().message(errno));
  }
  if (endpoint.family() != AF_UNIX) set_no_delay(socket.get());
  return socket;
}

std::string connect_outcome(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? std::string() : std::system_category().message(error);
}

void set_no_delay(int fd) {
  const int on = 1;
  kernel::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace heliograph::net
