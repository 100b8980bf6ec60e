#include "net/clock.hpp"

#include "net/kernel.hpp"

namespace heliograph::net {
namespace {

template <class Number>
Number read_clock(clockid_t clock) {
  const timespec now = kernel::clock_gettime(clock);
  return static_cast<Number>(now.tv_sec) * 1000 + static_cast<Number>(now.tv_nsec) / 1'000'000;
}

}  // namespace

Milliseconds monotonic_now() {
  return read_clock<Milliseconds>(CLOCK_MONOTONIC);
}

std::uint64_t monotonic_nanoseconds() {
  const timespec now = kernel::clock_gettime(CLOCK_MONOTONIC);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::int64_t wall_clock_now() {
  return read_clock<std::int64_t>(CLOCK_REALTIME);
}

}  // namespace heliograph::net
