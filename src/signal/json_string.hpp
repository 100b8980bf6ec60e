// JSON strings (RFC 8259 section 7), both directions.
//
// Decoded text is UTF-8, in which a lone surrogate (an escape such as \ud800 without its partner)
// takes the three bytes that UTF-8 would give its code point, had it a form for it ("WTF-8").
#pragma once

#include <string>
#include <string_view>

namespace heliograph::signal {

// Whether `quoted` has escapes, so that its text is not what stands between the quotes.
bool has_escapes(std::string_view quoted);

// What stands between the quotes. `quoted` must be a valid JSON string.
std::string_view unquote(std::string_view quoted);

// The text of a valid JSON string.
std::string decode_json_string(std::string_view quoted);

// Appends `text` as JavaScript's JSON.stringify writes it, quotes included.
void append_json_string(std::string& out, std::string_view text);

// Whether `text`, decoded, contains a lone surrogate.
bool has_lone_surrogate(std::string_view text);

}  // namespace heliograph::signal
