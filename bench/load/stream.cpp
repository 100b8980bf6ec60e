#include "load/stream.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

namespace heliograph::bench {

namespace {

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

[[noreturn]] void throw_errno(const std::string& what) {
  throw ConnectionError(what + ": " + std::system_category().message(errno));
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

sockaddr_in loopback(std::uint32_t number, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
  return address;
}

Stream::Stream(SSL_CTX* tls, SSL_SESSION* session, const sockaddr_in& source,
               const sockaddr_in& server)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) throw_errno("socket (is the limit of open files high enough?)");
  const int on = 1;
  // The port is chosen at connect(), so that one source port serves many destinations.
  ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(fd_, as_sockaddr(source), sizeof source) != 0) throw_errno("bind");
  if (::connect(fd_, as_sockaddr(server), sizeof server) != 0 && errno != EINPROGRESS) {
    throw_errno("connect");
  }
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  // What libssl sends is gathered in memory, so that it leaves at once.
  SSL_set_bio(ssl_.get(), BIO_new_socket(fd_, BIO_NOCLOSE), BIO_new(BIO_s_mem()));
  if (session != nullptr) SSL_set_session(ssl_.get(), session);
  std::string name = "localhost";
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  SSL_set_connect_state(ssl_.get());
}

Stream::~Stream() {
  if (fd_ >= 0) ::close(fd_);
}

bool Stream::establish() {
  if (!connected_) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd_, static_cast<sockaddr*>(static_cast<void*>(&peer)), &size) != 0) {
      if (const int error = socket_error(fd_); error != 0) {
        errno = error;
        throw_errno("connect");
      }
      return false;
    }
    connected_ = true;
  }
  if (!ssl_) return established_ = true;
  const int result = SSL_do_handshake(ssl_.get());
  flush();
  if (result == 1) return established_ = true;
  if (!must_wait(result)) {
    throw ConnectionError(std::string("the TLS handshake failed: ") +
                          ERR_error_string(ERR_get_error(), nullptr));
  }
  return false;
}

bool Stream::resumed() const {
  return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

bool Stream::must_wait(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

std::optional<std::size_t> Stream::read(std::span<char> into) {
  if (!ssl_) return read_tcp(into);
  const int count = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  if (count > 0) return static_cast<std::size_t>(count);
  if (must_wait(count)) return std::nullopt;
  ERR_clear_error();
  return 0;
}

std::optional<std::size_t> Stream::read_tcp(std::span<char> into) {
  const ssize_t count = ::recv(fd_, into.data(), into.size(), 0);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return 0;
}

bool Stream::buffered() const {
  return ssl_ && SSL_has_pending(ssl_.get()) == 1;
}

void Stream::write(std::string_view bytes) {
  if (!ssl_) {
    output_ += bytes;
    return;
  }
  if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) {
    throw ConnectionError("libssl does not take what is sent");
  }
}

bool Stream::flush() {
  if (ssl_) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    if (size > 0) {
      output_.append(data, static_cast<std::size_t>(size));
      BIO_reset(SSL_get_wbio(ssl_.get()));
    }
  }
  if (output_.empty()) return true;
  const ssize_t count = ::send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    if (errno != EPIPE && errno != ECONNRESET) throw_errno("send");
    output_.clear();  // reading tells the end
    return true;
  }
  if (count > 0) output_.erase(0, static_cast<std::size_t>(count));
  return output_.empty();
}

std::size_t Stream::waiting() const {
  return output_.size();
}

void Stream::finish() {
  if (ssl_ && established_) SSL_shutdown(ssl_.get());
  flush();
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace heliograph::bench
