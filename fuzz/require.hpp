// What a fuzz target demands: where it does not hold, the fuzzer has found something.
#pragma once

#include <cstdlib>

namespace heliograph {

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace heliograph
