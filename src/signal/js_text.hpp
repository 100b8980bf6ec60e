// A JSON value as JavaScript's String() shows it: null, 5, 1e+21, 1,2, [object Object].
#pragma once

#include <string>
#include <string_view>

namespace heliograph::signal {

// `value` must be valid JSON. Lone surrogates come out as json_string.hpp says. The result is at
// most eight times as long as `value`.
std::string js_text(std::string_view value);

}  // namespace heliograph::signal
