// Eight bytes of a text looked at as one number, for what most bytes of it are not.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace heliograph {

// A byte in each of the eight of a word.
constexpr std::uint64_t each(std::uint8_t byte) {
  return 0x0101'0101'0101'0101U * byte;
}

// Of the lowest byte that is less than `limit`, at most 0x80, the top bit. Of those above it the
// bits mean nothing.
constexpr std::uint64_t find_less(std::uint64_t word, std::uint8_t limit) {
  return (word - each(limit)) & ~word & each(0x80);
}

constexpr std::uint64_t find(std::uint64_t word, char byte) {
  return find_less(word ^ each(static_cast<std::uint8_t>(byte)), 1);
}

// How many bytes at the front of `text` stand before the first that `special` finds in a word, or a
// few less: eight at a time, as long as there are as many.
template <class Special>
std::size_t size_before(std::string_view text, const Special& special) {
  if constexpr (std::endian::native != std::endian::little) return 0;
  std::size_t at = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof(word); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t found = special(word);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  return at;
}

}  // namespace heliograph
