// `heliograph manual`: the manual page, with the commands and options as they are defined.
#pragma once

#include <string>

#include "app/command_tree.hpp"

namespace heliograph::app {

// In mdoc, for section 1.
std::string manual_page(const Command& root);

}  // namespace heliograph::app
