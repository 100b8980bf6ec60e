#include "net/listener.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <netinet/in.h>

#include "net/kernel.hpp"
#include "net/socket.hpp"

namespace heliograph::net {

namespace {

// Connections that the kernel completes before this process accepts them.
constexpr int kBacklog = 4096;

[[noreturn]] void throw_errno(const Endpoint& endpoint) {
  throw std::system_error(errno, std::system_category(), "cannot listen on " + endpoint.text());
}

}  // namespace

Listener::Listener(const Endpoint& endpoint, bool shared)
    : socket_(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (!socket_.valid()) throw_errno(endpoint);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (endpoint.family() == AF_INET6) {
    ::setsockopt(fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(fd(), endpoint.address(), endpoint.length) != 0 || ::listen(fd(), kBacklog) != 0) {
    throw_errno(endpoint);
  }
}

Result<Listener, std::string> Listener::inherit(int fd) {
  int type = 0;
  int listening = 0;
  socklen_t size = sizeof type;
  const bool known = ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
                     ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0;
  if (!known || type != SOCK_STREAM || listening == 0) {
    return std::unexpected("descriptor " + std::to_string(fd) + " is no socket that listens");
  }
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
    return std::unexpected(std::system_category().message(errno));
  }
  return Listener(FileDescriptor(fd));
}

Listener Listener::duplicate() const {
  FileDescriptor socket(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
  if (!socket.valid()) throw_errno(local());
  return Listener(std::move(socket));
}

Result<Accepted, AcceptError> Listener::accept() const {
  Accepted accepted;
  accepted.peer.length = sizeof accepted.peer.storage;
  const int socket = kernel::accept(fd(), accepted.peer.address(), &accepted.peer.length);
  if (socket >= 0) {
    accepted.socket = FileDescriptor(socket);
    set_no_delay(accepted.socket.get());
    return accepted;
  }
  switch (errno) {
    case EAGAIN:
      return fail(AcceptError::kNone);
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return fail(AcceptError::kNoResources);
    default:
      return fail(AcceptError::kTryNext);
  }
}

Endpoint Listener::local() const {
  Endpoint endpoint;
  endpoint.length = sizeof endpoint.storage;
  ::getsockname(fd(), endpoint.address(), &endpoint.length);
  return endpoint;
}

std::vector<Listener> listen(const std::vector<Endpoint>& candidates, std::size_t workers) {
  std::vector<Listener> listeners;
  for (std::size_t i = 0; listeners.empty() && i < candidates.size(); ++i) {
    try {
      // SO_REUSEPORT would share the port with another process too: this first socket, without
      // it, finds out whether there is one.
      listeners.emplace_back(candidates[i], false);
    } catch (const std::system_error& error) {
      const bool family_missing = error.code() == std::errc::address_family_not_supported ||
                                  error.code() == std::errc::address_not_available;
      if (!family_missing || i + 1 == candidates.size()) throw;
    }
  }
  if (workers <= 1) return listeners;
  const Endpoint endpoint = listeners.front().local();
  listeners.clear();
  for (std::size_t i = 0; i < workers; ++i) listeners.emplace_back(endpoint, true);
  return listeners;
}

}  // namespace heliograph::net
