// Text that somebody else chose, in a log line or at a terminal.
#pragma once

#include <string>
#include <string_view>

namespace heliograph::server {

// In double quotes; quotes, backslashes, control characters and bytes outside of ASCII escaped, so
// that a name cannot start a line of its own or paint a terminal.
std::string quoted(std::string_view text);

// A JSON string (RFC 8259). Control characters, those of C1 and the two line separators too, are
// escaped, and bytes that are not UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);

// One line for people, which servers may have had a say in: control characters escaped, those of
// C1 too, and what is not UTF-8.
std::string printable(std::string_view text);

}  // namespace heliograph::server
