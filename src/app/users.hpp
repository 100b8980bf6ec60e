// The users file on disk.
#pragma once

#include <optional>
#include <string>

#include "signal/users_file.hpp"

namespace heliograph::app {

// Nothing if there is no such file. Throws Failure if it cannot be read or is damaged.
std::optional<signal::UsersFile> load_users(const std::string& path);

}  // namespace heliograph::app
