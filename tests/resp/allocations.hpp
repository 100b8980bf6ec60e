// Counts what the test program allocates.
#pragma once

#include <cstddef>

namespace heliograph::resp {

// Bytes, since it was last set to zero.
std::size_t& allocated();

}  // namespace heliograph::resp
