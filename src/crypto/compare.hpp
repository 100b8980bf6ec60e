// Comparison of secrets.
#pragma once

#include "base/bytes.hpp"

namespace heliograph::crypto {

// In a time that depends on the sizes alone, never on the contents.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace heliograph::crypto
