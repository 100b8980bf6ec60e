// The clocks that the loops read, in milliseconds.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace heliograph::net {

Milliseconds monotonic_now();

// The same clock, for measuring what takes less than a millisecond.
std::uint64_t monotonic_nanoseconds();

// Since 1970: what certificates and tickets are judged by.
std::int64_t wall_clock_now();

}  // namespace heliograph::net
