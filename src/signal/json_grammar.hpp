// Whether a text is JSON (RFC 8259). Without recursion: the open arrays and objects are a stack of
// bits, so that nesting costs no memory.
#pragma once

#include <cstddef>
#include <string_view>

namespace heliograph::signal {

// Arrays and objects may be nested this deep: deeper text is made to exhaust the stack of whoever
// reads it, here or at the other end of the call.
inline constexpr std::size_t kMaxJsonDepth = 1'024;

// Whether `text` is one JSON value within kMaxJsonDepth. Does not look at the encoding: bytes from
// 0x80 up pass within strings.
bool is_json(std::string_view text);

// The size, quotes included, of the string at the front of `text`; 0 if there is no valid one.
std::size_t json_string_size(std::string_view text);

// The size of the number at the front of `text`; 0 if there is no valid one.
std::size_t json_number_size(std::string_view text);

}  // namespace heliograph::signal
