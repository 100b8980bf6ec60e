// Time enters a machine as a plain number, so that tests own the clock.
#pragma once

#include <cstdint>
#include <limits>

namespace heliograph {

// Milliseconds: a span of time, or a point on the process's monotonic clock.
using Milliseconds = std::uint64_t;

// The deadline of a machine that does not want to be woken.
inline constexpr Milliseconds kNever = std::numeric_limits<Milliseconds>::max();

}  // namespace heliograph
