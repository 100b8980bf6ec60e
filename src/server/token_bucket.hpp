// A token bucket in eight bytes: all that is kept is when it will be full again.
//
//        now                    full_at_
//   ──────┼────────────────────────┼──────▶ time      the bucket lacks what flows in between the
//         └──── what it lacks ─────┘                  two; it holds what flows in within kBurst
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace heliograph::server {

class TokenBucket {
 public:
  // A full bucket is so long a time's worth of tokens: a client may do at once what it has not done
  // before.
  static constexpr Milliseconds kBurst = 2'000;

  // Takes `tokens`, also more than there are. `rate` is what flows in, per second.
  void take(std::uint64_t tokens, std::uint32_t rate, Milliseconds now) {
    full_at_ = std::max(full_at_, now * kNanoseconds) + tokens * kNanosecondsPerSecond / rate;
  }

  // From when on there is a token. In the past if there is one.
  [[nodiscard]] Milliseconds ready_at() const {
    constexpr std::uint64_t kBurstNanoseconds = kBurst * kNanoseconds;
    return full_at_ < kBurstNanoseconds ? 0 : (full_at_ - kBurstNanoseconds) / kNanoseconds + 1;
  }

 private:
  static constexpr std::uint64_t kNanoseconds = 1'000'000;  // in a millisecond
  static constexpr std::uint64_t kNanosecondsPerSecond = 1'000 * kNanoseconds;

  std::uint64_t full_at_ = 0;  // nanoseconds
};

}  // namespace heliograph::server
