// Values in a log line that somebody else chose.
#pragma once

#include <string>
#include <string_view>

namespace heliograph::server {

// In double quotes; quotes, backslashes, control characters and bytes outside of ASCII escaped, so
// that a name cannot start a line of its own or paint a terminal.
std::string quoted(std::string_view text);

}  // namespace heliograph::server
