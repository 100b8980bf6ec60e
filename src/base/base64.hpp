// Base64 (RFC 4648 section 4), with padding (PEM, Sec-WebSocket-Key) or without (PHC strings).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace heliograph {

enum class Base64Padding { kRequired, kAbsent };

std::string base64_encode(Bytes bytes, Base64Padding padding = Base64Padding::kRequired);

// Strict: no white space, canonical (unused bits are zero), padding exactly as asked for.
std::optional<std::vector<std::uint8_t>> base64_decode(
    std::string_view text, Base64Padding padding = Base64Padding::kRequired);

}  // namespace heliograph
