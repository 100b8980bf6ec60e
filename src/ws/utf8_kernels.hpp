// Wide validation of UTF-8: what looks at many bytes at once, for the middle of a long text. Where
// it stops, Utf8Validator goes on byte by byte and finds the place of an error.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::ws {

// No kernel needs more bytes to begin with.
inline constexpr std::size_t kUtf8Group = 64;

struct Utf8Kernel {
  std::string_view name;
  // `text` begins with a character. The result is the size of a part at its front that consists of
  // whole valid characters: most of a text that is valid, and nothing of an invalid character.
  std::size_t (*valid_prefix)(Bytes text);
};

// Those that this processor can run, the widest first. The last one is portable.
std::span<const Utf8Kernel> utf8_kernels();

namespace detail {

std::size_t valid_prefix_portable(Bytes text);
#if defined(__x86_64__)
std::size_t valid_prefix_ssse3(Bytes text);
std::size_t valid_prefix_avx2(Bytes text);
#endif

// `text`, whose last character may be cut off, up to the end of its last whole one. All that it has
// is valid.
std::size_t whole_characters(Bytes text);

}  // namespace detail
}  // namespace heliograph::ws
