// Whether a text is JSON (RFC 8259). Without recursion: the open arrays and objects are a stack of
// bits, so that nesting costs no memory.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace heliograph::signal {

// Arrays and objects may be nested this deep: deeper text is made to exhaust the stack of whoever
// reads it, here or at the other end of the call.
inline constexpr std::size_t kMaxJsonDepth = 1'024;

// A member of an object that is looked for.
struct JsonMember {
  std::string_view name;
  // Verbatim, without white space around it; empty if there is no such member. Of several the last
  // one counts.
  std::string_view value;
};

// Whether `text` is one JSON value within kMaxJsonDepth. Does not look at the encoding: bytes from
// 0x80 up pass within strings.
bool is_json(std::string_view text);

// The same; and if the value is an object, fills in the members of it that are looked for. What is
// filled in of a text that is not JSON has no meaning.
bool is_json(std::string_view text, std::span<JsonMember> members);

// The size, quotes included, of the string at the front of `text`; 0 if there is no valid one.
std::size_t json_string_size(std::string_view text);

// The size of the number at the front of `text`; 0 if there is no valid one.
std::size_t json_number_size(std::string_view text);

}  // namespace heliograph::signal
