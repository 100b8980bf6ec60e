// Masking (RFC 6455 section 5.3): byte i of a payload is combined with byte i mod 4 of the key.
// The same function masks and unmasks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::ws {

using MaskKey = std::array<std::uint8_t, 4>;

// Works in place. The result is the key turned so that it continues behind the last byte: a
// payload in pieces is `key = apply_mask(piece, key)` for each of them.
MaskKey apply_mask(MutableBytes data, const MaskKey& key);

// An implementation for the middle of a payload.
struct MaskKernel {
  std::string_view name;
  // Masks a part at the front, of which the result is the size, with the eight bytes of `mask`
  // again and again.
  std::size_t (*mask_front)(MutableBytes data, std::uint64_t mask);
};

// Those that this processor can run, the widest first. apply_mask() takes that one.
std::span<const MaskKernel> mask_kernels();
MaskKey apply_mask(MutableBytes data, const MaskKey& key, const MaskKernel& kernel);

}  // namespace heliograph::ws
