// UTF-8 by its definition (RFC 3629 section 3): decode, and look at the value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace heliograph::ws::reference {

// The number of bytes that a lead byte announces; 0 if it is none.
inline std::size_t announced_size(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >> 5 == 0b110) return 2;
  if (lead >> 4 == 0b1110) return 3;
  return lead >> 3 == 0b11110 ? 4 : 0;
}

// The number of bytes of the character at the front; 0 if there is none that is whole and valid.
inline std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const std::size_t size = announced_size(byte(0));
  if (size == 0 || text.size() < size) return 0;
  if (size == 1) return 1;
  std::uint32_t value = byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) >> 6 != 0b10) return 0;
    value = value << 6 | (byte(i) & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < kSmallest[size] || surrogate || value > 0x10ffff ? 0 : size;
}

// Whether some bytes behind `text`, which is less than a character, would make it one.
inline bool can_become_character(const std::string& text) {
  if (character_size(text) == text.size()) return true;
  if (text.size() >= announced_size(static_cast<std::uint8_t>(text[0]))) return false;
  for (const char next : {'\x80', '\x8f', '\x90', '\x9f', '\xa0', '\xbf'}) {
    if (can_become_character(text + next)) return true;
  }
  return false;
}

inline bool is_text(std::string_view text, bool complete) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return !complete && can_become_character(std::string(text));
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace heliograph::ws::reference
