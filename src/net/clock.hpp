// The one clock that the loops read: monotonic, in milliseconds.
#pragma once

#include "base/time.hpp"

namespace heliograph::net {

Milliseconds monotonic_now();

}  // namespace heliograph::net
