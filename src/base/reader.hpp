// A bounded reader, in network byte order. Reading past the end yields zeros and empty views and
// is remembered, so that a parser reads like the struct in the RFC and asks `done()` once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph {

class Reader {
 public:
  explicit Reader(Bytes input) : rest_(input) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }

  Bytes bytes(std::size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes front = rest_.first(count);
    rest_ = rest_.subspan(count);
    return front;
  }

  // opaque<0..2^8-1>, <0..2^16-1> and <0..2^24-1> of the TLS presentation language.
  Bytes vector8() { return bytes(u8()); }
  Bytes vector16() { return bytes(u16()); }
  Bytes vector24() { return bytes(u24()); }

  // What has not been read yet.
  [[nodiscard]] Bytes rest() const { return rest_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  // Nothing was read past the end.
  [[nodiscard]] bool ok() const { return !failed_; }
  // Everything was read, and nothing past the end.
  [[nodiscard]] bool done() const { return ok() && empty(); }

 private:
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes(width)) value = value << 8 | byte;
    return value;
  }

  Bytes rest_;
  bool failed_ = false;
};

}  // namespace heliograph
