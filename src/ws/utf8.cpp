#include "ws/utf8.hpp"

#include <algorithm>
#include <array>

#include "ws/utf8_kernels.hpp"

namespace heliograph::ws {
namespace {

// Whether what is left over of a text, being less than a kernel takes at once, is valid and ends
// with a whole character. Zeros are put behind it: they are ASCII.
bool is_valid_end(Bytes end, const Utf8Kernel& kernel) {
  constexpr std::size_t kWorthwhile = 16;
  std::array<std::uint8_t, kUtf8Group> padded{};
  if (end.size() < kWorthwhile || end.size() > padded.size()) return false;
  std::ranges::copy(end, padded.begin());
  return kernel.valid_prefix(padded) == padded.size();
}

}  // namespace

bool Utf8Validator::receive(Bytes bytes) {
  return receive(bytes, utf8_kernels().front());
}

bool Utf8Validator::receive(Bytes bytes, const Utf8Kernel& kernel) {
  while (missing_ > 0 && !bytes.empty()) {
    if (!receive_continuation(bytes[0])) return false;
    bytes = bytes.subspan(1);
  }
  bytes = bytes.subspan(kernel.valid_prefix(bytes));
  return bytes.empty() || is_valid_end(bytes, kernel) || receive_bytes(bytes);
}

bool Utf8Validator::receive_bytes(Bytes bytes) {
  while (!bytes.empty()) {
    if (missing_ == 0) {
      bytes = bytes.subspan(detail::valid_prefix_portable(bytes));
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
