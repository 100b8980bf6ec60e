// Hexadecimal test vectors as bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace heliograph::crypto {

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  return hex_decode(text).value();
}

inline std::vector<std::uint8_t> repeated(std::uint8_t byte, std::size_t count) {
  return std::vector<std::uint8_t>(count, byte);
}

// first, first + 1, ..., last
inline std::vector<std::uint8_t> counting(std::uint8_t first, std::uint8_t last) {
  std::vector<std::uint8_t> bytes;
  for (unsigned value = first; value <= last; ++value) {
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  return bytes;
}

inline std::vector<std::uint8_t> copy_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace heliograph::crypto
