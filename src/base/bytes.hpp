// Views of bytes: the currency between all machines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace heliograph {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool equal(Bytes a, Bytes b) {
  return std::ranges::equal(a, b);
}

// Removes the first `count` bytes from `from` and returns them. `count` must not exceed its size.
inline MutableBytes take_front(MutableBytes& from, std::size_t count) {
  const MutableBytes front = from.first(count);
  from = from.subspan(count);
  return front;
}

}  // namespace heliograph
