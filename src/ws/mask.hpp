// Masking (RFC 6455 section 5.3): byte i of a payload is combined with byte i mod 4 of the key.
// The same function masks and unmasks.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph::ws {

using MaskKey = std::array<std::uint8_t, 4>;

// Works in place. The result is the key turned so that it continues behind the last byte: a
// payload in pieces is `key = apply_mask(piece, key)` for each of them.
MaskKey apply_mask(MutableBytes data, const MaskKey& key);

}  // namespace heliograph::ws
