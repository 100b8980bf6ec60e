// Hexadecimal text, lower case when written, either case when read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace heliograph {

std::string hex_encode(Bytes bytes);
// Nothing if `text` has an odd length or a character that is no hexadecimal digit.
std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view text);

}  // namespace heliograph
