// The files that the runner names.
#pragma once

#include <string>

namespace heliograph::bogo {

// Throws Failure.
std::string read_file(const std::string& path);

}  // namespace heliograph::bogo
