#include "load_connection.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

namespace heliograph::bench {

namespace {

constexpr std::string_view kUpgradeRequest =
    "GET / HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

// RFC 6455 section 5.2.
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xa;
constexpr std::size_t kLength16 = 126;
constexpr std::size_t kLength64 = 127;

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

[[noreturn]] void throw_errno(const std::string& what) {
  throw ConnectionError(what + ": " + std::system_category().message(errno));
}

std::uint8_t byte_at(const std::string& text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

}  // namespace

LoadConnection::LoadConnection(SSL_CTX* context, const sockaddr_in& source,
                               const sockaddr_in& server)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      ssl_(SSL_new(context)) {
  if (fd_ < 0) throw_errno("socket (is the limit of open files high enough?)");
  // The port is chosen at connect(), so that one source port serves many destinations.
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd_, as_sockaddr(source), sizeof source) != 0) throw_errno("bind");
  if (::connect(fd_, as_sockaddr(server), sizeof server) != 0 && errno != EINPROGRESS) {
    throw_errno("connect");
  }
  SSL_set_fd(ssl_.get(), fd_);
  SSL_set_connect_state(ssl_.get());
}

LoadConnection::~LoadConnection() {
  if (fd_ >= 0) ::close(fd_);
}

void LoadConnection::advance() {
  if (state_ == State::kHandshake && !handshake()) return;
  read();
  flush();
}

bool LoadConnection::handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    if (must_wait(result)) return false;
    throw ConnectionError("the TLS handshake failed");
  }
  state_ = State::kUpgrade;
  output_ = kUpgradeRequest;
  return true;
}

bool LoadConnection::must_wait(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
  // Before the TCP connection is made, the first write fails so.
  return error == SSL_ERROR_SYSCALL && (errno == ENOTCONN || errno == EAGAIN);
}

void LoadConnection::read() {
  std::array<char, 4096> block;
  for (;;) {
    const int count = SSL_read(ssl_.get(), block.data(), static_cast<int>(block.size()));
    if (count <= 0) {
      if (must_wait(count)) break;
      throw ConnectionError("the server closed the connection");
    }
    input_.append(block.data(), static_cast<std::size_t>(count));
  }
  if (state_ == State::kUpgrade && !parse_upgrade()) return;
  while (parse_frame()) {
  }
}

void LoadConnection::flush() {
  while (!output_.empty()) {
    const int count = SSL_write(ssl_.get(), output_.data(), static_cast<int>(output_.size()));
    if (count <= 0) {
      if (must_wait(count)) return;
      throw ConnectionError("the server does not take what is sent");
    }
    output_.erase(0, static_cast<std::size_t>(count));
  }
  output_.shrink_to_fit();
}

bool LoadConnection::parse_upgrade() {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  if (!input_.starts_with("HTTP/1.1 101 ")) {
    throw ConnectionError("no upgrade: " + input_.substr(0, input_.find('\r')));
  }
  input_.erase(0, end + 4);
  state_ = State::kOpen;
  return true;
}

bool LoadConnection::parse_frame() {
  constexpr std::size_t kShortHead = 2;
  constexpr std::size_t kLongHead = 4;
  if (input_.size() < kShortHead) return false;
  std::size_t head = kShortHead;
  std::size_t length = byte_at(input_, 1);
  if (length == kLength16) {
    head = kLongHead;
    if (input_.size() < head) return false;
    length = std::size_t{byte_at(input_, 2)} << 8 | byte_at(input_, 3);
  } else if (length >= kLength64) {
    throw ConnectionError("a frame that is masked or longer than expected");
  }
  if (input_.size() < head + length) return false;

  const std::uint8_t opcode = byte_at(input_, 0) & kOpcodeBits;
  std::string payload = input_.substr(head, length);
  input_.erase(0, head + length);
  if (opcode == kPing) send_frame(kPong, payload);
  if (opcode == kText) messages_.push_back(std::move(payload));
  if (opcode == kClose) throw ConnectionError("the server closed the WebSocket");
  return true;
}

void LoadConnection::send_text(std::string_view message) {
  send_frame(kText, message);
  flush();
}

void LoadConnection::send_frame(std::uint8_t opcode, std::string_view payload) {
  constexpr std::array<char, 4> kMask = {0x12, 0x34, 0x56, 0x78};
  if (payload.size() >= kLength16) throw ConnectionError("only short messages are sent here");
  output_ += static_cast<char>(kFin | opcode);
  output_ += static_cast<char>(kMasked | payload.size());
  output_.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    output_ += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  }
}

std::string LoadConnection::take_message() {
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace heliograph::bench
