// What may be a user's name.
#pragma once

#include <string_view>

#include "signal/settings.hpp"

namespace heliograph::signal {

// 1 to kMaxNameSize bytes of UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F).
bool is_name(std::string_view name);

// Whether somebody may log in as `name`.
bool may_log_in(std::string_view name, const Settings& settings);

}  // namespace heliograph::signal
