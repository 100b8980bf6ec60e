// The least that echoes WebSocket messages: epoll and libssl, no checks, and nothing but short
// text frames. See echo_options.hpp.
#include <array>
#include <csignal>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo_options.hpp"

namespace {

std::string accept_key(std::string_view request) {
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kField) + kField.size();
  std::string key(request.substr(at, request.find('\r', at) - at));
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {text.begin(), text.end() - 1};
}

class Client {
 public:
  Client(int fd, SSL_CTX* tls) : fd_(fd), ssl_(tls == nullptr ? nullptr : SSL_new(tls)) {
    if (ssl_ == nullptr) return;
    SSL_set_fd(ssl_, fd);
    SSL_set_accept_state(ssl_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    SSL_free(ssl_);
    ::close(fd_);
  }

  // False when it has gone.
  bool on_readable() {
    std::array<char, 16384> block;
    do {
      const int count = read(block);
      if (count < 0) break;
      if (count == 0) return false;
      input_.append(block.data(), static_cast<std::size_t>(count));
    } while (ssl_ != nullptr && SSL_has_pending(ssl_) == 1);
    if (!open_) upgrade();
    if (open_ && !echo()) return false;
    return flush();
  }

 private:
  // 0 at the end, -1 if it has to wait.
  int read(std::array<char, 16384>& block) {
    if (ssl_ == nullptr) return static_cast<int>(::recv(fd_, block.data(), block.size(), 0));
    const int count = SSL_read(ssl_, block.data(), static_cast<int>(block.size()));
    if (count > 0) return count;
    return SSL_get_error(ssl_, count) == SSL_ERROR_WANT_READ ? -1 : 0;
  }

  void upgrade() {
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    output_ =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_key(input_) + "\r\n\r\n";
    input_.erase(0, end + 4);
    open_ = true;
  }

  bool echo() {
    constexpr std::size_t kHead = 6;
    std::size_t at = 0;
    while (input_.size() - at >= kHead) {
      const char* const head = input_.data() + at;
      const std::size_t size = static_cast<unsigned char>(head[1]) & 0x7fU;
      if (input_.size() - at < kHead + size) break;
      if ((head[0] & 0x0f) == 0x8 || size > 125) return false;
      output_ += head[0];
      output_ += static_cast<char>(size);
      for (std::size_t i = 0; i < size; ++i) {
        output_ += static_cast<char>(head[kHead + i] ^ head[2 + i % 4]);
      }
      at += kHead + size;
    }
    input_.erase(0, at);
    return true;
  }

  bool flush() {
    if (output_.empty()) return true;
    const int size = static_cast<int>(output_.size());
    const auto sent = ssl_ != nullptr ? SSL_write(ssl_, output_.data(), size)
                                      : ::send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL);
    output_.clear();
    return sent == size;
  }

  int fd_;
  SSL* ssl_;
  bool open_ = false;
  std::string input_;
  std::string output_;
};

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::runtime_error("no socket");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) != 0 ||
      ::listen(fd, 4096) != 0) {
    throw std::runtime_error("cannot listen");
  }
  return fd;
}

void serve(int listener, SSL_CTX* tls) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event interest{.events = EPOLLIN, .data = {.ptr = nullptr}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &interest);
  for (std::array<epoll_event, 512> events;;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* const client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (client != nullptr) {
        if (!client->on_readable()) delete client;
        continue;
      }
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) continue;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      interest.data.ptr = std::make_unique<Client>(fd, tls).release();
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    const EchoOptions options(count, words);
    std::signal(SIGPIPE, SIG_IGN);  // libssl writes to whom has gone
    SSL_CTX* tls = nullptr;
    if (options.tls()) {
      tls = SSL_CTX_new(TLS_server_method());
      SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
      SSL_CTX_set_read_ahead(tls, 1);
      if (SSL_CTX_use_certificate_chain_file(tls, options.certificate.c_str()) != 1 ||
          SSL_CTX_use_PrivateKey_file(tls, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error("the certificate cannot be used");
      }
    }
    serve(listen_on(options.port), tls);
  } catch (const std::exception& error) {
    std::cerr << "epoll_echo: " << error.what() << '\n';
    return 1;
  }
}
