#include "net/notify_socket.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace heliograph::net {

Result<NotifySocket, std::string> NotifySocket::open(std::string_view address) {
  const bool abstract = address.starts_with('@');
  if (!abstract && !address.starts_with('/')) {
    return std::unexpected("expected a path or '@NAME', not '" + std::string(address) + "'");
  }
  auto manager = abstract ? abstract_endpoint(address.substr(1)) : unix_endpoint(address);
  if (!manager) return std::unexpected(std::move(manager.error()));
  FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return std::unexpected(std::system_category().message(errno));
  return NotifySocket(std::move(socket), *manager);
}

bool NotifySocket::send(std::string_view state) const {
  const ssize_t sent = ::sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                manager_.address(), manager_.length);
  return sent >= 0 || (errno != EAGAIN && errno != ENOBUFS && errno != EINTR);
}

}  // namespace heliograph::net
