#include "net/unix_listener.hpp"

#include <cerrno>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "net/endpoint.hpp"

namespace heliograph::net {

namespace {

constexpr int kBacklog = 64;

[[noreturn]] void throw_errno(const std::string& path) {
  throw std::system_error(errno, std::system_category(), "cannot listen on unix:" + path);
}

// What listens answers; what was left behind refuses.
bool is_stale(const Endpoint& endpoint, const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe.valid() && ::connect(probe.get(), endpoint.address(), endpoint.length) != 0 &&
         errno == ECONNREFUSED;
}

Listener listen_on(const std::string& path) {
  const auto endpoint = unix_endpoint(path);
  if (!endpoint) {
    throw std::system_error(std::make_error_code(std::errc::filename_too_long), endpoint.error());
  }
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) throw_errno(path);
  if (is_stale(*endpoint, path)) ::unlink(path.c_str());
  // The file takes over the mode of the socket, so that at no time somebody else may connect.
  if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0 ||
      ::bind(socket.get(), endpoint->address(), endpoint->length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    throw_errno(path);
  }
  return Listener(std::move(socket));
}

}  // namespace

UnixListener::UnixListener(const std::string& path) : listener_(listen_on(path)), path_(path) {}

UnixListener::~UnixListener() {
  ::unlink(path_.c_str());
}

}  // namespace heliograph::net
