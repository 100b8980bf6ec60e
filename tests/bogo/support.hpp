// What the runner may ask for and this implementation does not do.
#pragma once

#include <string_view>

#include "tests/bogo/arguments.hpp"

namespace heliograph::bogo {

// Whether the flag, without its prefix, may be acted upon.
bool is_supported(std::string_view flag);

// Throws Unimplemented if a value asks for more than the library has.
void require_supported(const Settings& settings);

// Those that exist, and that no TLS 1.3 handshake may be signed with.
void remove_unused_schemes(CodePointList& schemes);

}  // namespace heliograph::bogo
