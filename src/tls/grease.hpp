// GREASE (RFC 8701): code points without meaning that a client offers so that servers which refuse
// what they do not know are found out early.
#pragma once

#include <cstdint>

namespace heliograph::tls {

// One of the sixteen reserved values 0x0a0a, 0x1a1a, ..., 0xfafa.
constexpr std::uint16_t grease_value(std::uint8_t random) {
  const unsigned nibble = random & 0x0fU;
  return static_cast<std::uint16_t>(0x0a0a + nibble * 0x1010);
}

constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

}  // namespace heliograph::tls
