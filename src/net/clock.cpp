#include "net/clock.hpp"

#include <ctime>

namespace heliograph::net {

Milliseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Milliseconds>(now.tv_sec) * 1000 +
         static_cast<Milliseconds>(now.tv_nsec) / 1'000'000;
}

}  // namespace heliograph::net
