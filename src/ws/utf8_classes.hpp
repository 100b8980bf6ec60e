// The table of everything that two neighbouring bytes can do wrong in UTF-8, for the lookup method
// of Keiser and Lemire ("Validating UTF-8 In Less Than One Instruction Per Byte", 2021).
//
// Each row of kRows is an error: which first bytes, and which bytes behind them. As every row is a
// product of three sets of nibbles, it is one bit in three tables of sixteen: an error occurs where
// the bits for the first byte's high nibble, its low nibble and the second byte's high nibble all
// are set. Looking up sixteen nibbles is one instruction, so that all errors in sixteen or more
// neighbourhoods are found at once.
//
// Two continuation bytes in a row are the only thing that is right or wrong depending on what was
// before: behind a lead byte of three or four bytes they must be there, elsewhere they must not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heliograph::ws::detail {

struct Nibbles {
  int first;
  int last;
};

struct Utf8Error {
  std::uint8_t bit;
  Nibbles first_high;
  Nibbles first_low;
  Nibbles second_high;
};

inline constexpr std::uint8_t kTwoContinuations = 0x80;

inline constexpr Nibbles kEvery = {0x0, 0xf};
inline constexpr Nibbles kContinuation = {0x8, 0xb};

inline constexpr std::array<Utf8Error, 10> kRows = {{
    // A lead byte, and then none that continues it.
    {0x01, {0xc, 0xf}, kEvery, {0x0, 0x7}},
    {0x01, {0xc, 0xf}, kEvery, {0xc, 0xf}},
    // A continuation of what is ASCII.
    {0x02, {0x0, 0x7}, kEvery, kContinuation},
    // Overlong forms of two bytes, and of three: C0 and C1 80..BF, E0 80..9F.
    {0x04, {0xc, 0xc}, {0x0, 0x1}, kContinuation},
    {0x08, {0xe, 0xe}, {0x0, 0x0}, {0x8, 0x9}},
    // Surrogates: ED A0..BF.
    {0x10, {0xe, 0xe}, {0xd, 0xd}, {0xa, 0xb}},
    // Past U+10FFFF: F4 90..BF, and F5..FF 90..BF.
    {0x20, {0xf, 0xf}, {0x4, 0xf}, {0x9, 0xb}},
    // Overlong forms of four bytes, F0 80..8F; and F5..FF 80..8F.
    {0x40, {0xf, 0xf}, {0x0, 0x0}, {0x8, 0x8}},
    {0x40, {0xf, 0xf}, {0x5, 0xf}, {0x8, 0x8}},
    {kTwoContinuations, {0x8, 0xb}, kEvery, kContinuation},
}};

using NibbleTable = std::array<std::uint8_t, 16>;

consteval NibbleTable make_table(Nibbles Utf8Error::* column) {
  NibbleTable table{};
  for (const Utf8Error& row : kRows) {
    for (int nibble = (row.*column).first; nibble <= (row.*column).last; ++nibble) {
      table[static_cast<std::size_t>(nibble)] |= row.bit;
    }
  }
  return table;
}

inline constexpr NibbleTable kFirstHigh = make_table(&Utf8Error::first_high);
inline constexpr NibbleTable kFirstLow = make_table(&Utf8Error::first_low);
inline constexpr NibbleTable kSecondHigh = make_table(&Utf8Error::second_high);

// What marks the second byte behind a lead byte of three or more, and the third behind one of four:
// the top bit is set in `byte -| (bound - 0x80)` for every byte from the bound on.
inline constexpr std::uint8_t kFromThree = 0xe0 - 0x80;
inline constexpr std::uint8_t kFromFour = 0xf0 - 0x80;

}  // namespace heliograph::ws::detail
