#include "ws/utf8.hpp"

#include <cstring>

namespace heliograph::ws {

namespace {

// The number of ASCII bytes at the front, or somewhat fewer: it looks at whole words only.
std::size_t ascii_words(Bytes bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::uint64_t kTopBits = 0x8080808080808080;
  std::size_t at = 0;
  for (; bytes.size() - at >= kWord; at += kWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, kWord);
    if ((word & kTopBits) != 0) break;
  }
  return at;
}

}  // namespace

bool Utf8Validator::receive(Bytes bytes) {
  while (!bytes.empty()) {
    if (missing_ == 0) {
      bytes = bytes.subspan(ascii_words(bytes));
      if (bytes.empty()) break;
    }
    const bool valid = missing_ == 0 ? receive_lead(bytes[0]) : receive_continuation(bytes[0]);
    if (!valid) return false;
    bytes = bytes.subspan(1);
  }
  return true;
}

// RFC 3629 section 4: the lead byte decides the number of bytes and the range of the second one.
bool Utf8Validator::receive_lead(std::uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xc2 || byte > 0xf4) return false;
  missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return true;
}

bool Utf8Validator::receive_continuation(std::uint8_t byte) {
  if (byte < low_ || byte > high_) return false;
  --missing_;
  low_ = 0x80;
  high_ = 0xbf;
  return true;
}

bool is_utf8(Bytes bytes) {
  Utf8Validator validator;
  return validator.receive(bytes) && validator.complete();
}

}  // namespace heliograph::ws
