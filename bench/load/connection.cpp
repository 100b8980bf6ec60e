#include "load/connection.hpp"

#include <array>

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
constexpr std::size_t kMaxMessage = 0xffff;
// Status code 1000.
constexpr std::string_view kNormalClosure = "\x03\xe8";

std::size_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

std::string make_frame(std::uint8_t opcode, std::string_view payload) {
  constexpr std::array<char, 4> kMask = {0x12, 0x34, 0x56, 0x78};
  if (payload.size() > kMaxMessage) throw ConnectionError("only short messages are sent here");
  std::string frame;
  frame += static_cast<char>(kFin | opcode);
  if (payload.size() < kLength16) {
    frame += static_cast<char>(kMasked | payload.size());
  } else {
    frame += static_cast<char>(kMasked | kLength16);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  }
  return frame;
}

}  // namespace

std::string text_frame(std::string_view message) {
  return make_frame(kText, message);
}

void Receiver::on_end(Connection& /*connection*/) {
  throw ConnectionError("the server ended a connection");
}

Connection::Connection(std::size_t number, SSL_CTX* tls, SSL_SESSION* session,
                       const sockaddr_in& source, const sockaddr_in& server)
    : stream_(tls, session, source, server), number_(number) {}

void Connection::advance(Receiver& receiver) {
  if (state_ == State::kConnecting) {
    if (stream_.establish()) {
      state_ = State::kUpgrading;
      stream_.write(kUpgradeRequest);
    }
    flush();
    return;
  }
  if (state_ == State::kEnded) return;
  read(receiver);
  if (state_ != State::kEnded) flush();
}

void Connection::read(Receiver& receiver) {
  std::array<char, 16384> block;
  do {
    const auto count = stream_.read(block);
    if (!count) return;
    if (*count == 0) {
      state_ = State::kEnded;
      return receiver.on_end(*this);
    }
    take({block.data(), *count}, receiver);
  } while (stream_.buffered());
}

void Connection::take(std::string_view bytes, Receiver& receiver) {
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_);
    joined += bytes;
    bytes = joined;
  }
  if (state_ == State::kUpgrading && take_response(bytes)) receiver.on_open(*this);
  if (state_ != State::kUpgrading) {
    while (take_frame(bytes, receiver)) {
    }
  }
  rest_ = bytes;
}

bool Connection::take_response(std::string_view& bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) return false;
  if (!bytes.starts_with("HTTP/1.1 101 ")) {
    throw ConnectionError("no upgrade: " + std::string(bytes.substr(0, bytes.find('\r'))));
  }
  bytes.remove_prefix(end + kEnd.size());
  state_ = State::kOpen;
  return true;
}

bool Connection::take_frame(std::string_view& bytes, Receiver& receiver) {
  constexpr std::size_t kShortHead = 2;
  constexpr std::size_t kLongHead = 4;
  if (bytes.size() < kShortHead) return false;
  std::size_t head = kShortHead;
  std::size_t length = byte_at(bytes, 1);
  if (length == kLength16) {
    head = kLongHead;
    if (bytes.size() < head) return false;
    length = byte_at(bytes, 2) << 8 | byte_at(bytes, 3);
  } else if (length >= kLength64) {
    throw ConnectionError("a frame that is masked or longer than expected");
  }
  if (bytes.size() < head + length) return false;
  const auto opcode = static_cast<std::uint8_t>(byte_at(bytes, 0) & kOpcodeBits);
  on_frame(opcode, bytes.substr(head, length), receiver);
  bytes.remove_prefix(head + length);
  return true;
}

void Connection::on_frame(std::uint8_t opcode, std::string_view payload, Receiver& receiver) {
  switch (opcode) {
    case kText:
      if (state_ == State::kOpen) receiver.on_message(*this, payload);
      return;
    case kPing:
      return stream_.write(make_frame(kPong, payload));
    case kPong:
      return;
    case kClose:
      if (state_ == State::kOpen) throw ConnectionError("the server closed a WebSocket");
      return stream_.finish();
    default:
      throw ConnectionError("an unexpected kind of frame");
  }
}

void Connection::close() {
  state_ = State::kClosing;
  stream_.write(make_frame(kClose, kNormalClosure));
  flush();
}

}  // namespace heliograph::bench
