// Until when a client that has not logged in may be there.
//
//   begin            begin + time                                latest
//   ──┼──────────────────┼──────────────────────────────────────────┼──▶
//     └─ without a try ──┘└─ behind tries that were held, not more ─┘
#pragma once

#include <algorithm>

#include "base/time.hpp"
#include "signal/throttle.hpp"

namespace heliograph::server {

// A heliograph.v1 client connects when it knows who it is, unlike the tutorial's page: one that
// does not log in only holds a place.
inline constexpr Milliseconds kHeliographLoginTime = 10'000;
// Tries that are held put the end off by this much at most, in all: enough for the longest, made in
// the last moment, and for another one behind it. Without a bound, a client that tries again and
// again would hold its place for ever.
inline constexpr Milliseconds kMaxLoginTimePutOff = signal::kMaxDelay + kHeliographLoginTime;

class LoginTime {
 public:
  void begin(Milliseconds now, Milliseconds time) {
    until_ = now + time;
    latest_ = until_ + kMaxLoginTimePutOff;
  }
  // A try is held until then. Who is made to wait is not closed for it.
  void held_until(Milliseconds time) {
    until_ = std::max(until_, std::min(time + kHeliographLoginTime, latest_));
  }
  void over() { until_ = kNever; }

  [[nodiscard]] Milliseconds until() const { return until_; }

 private:
  Milliseconds until_ = kNever;
  Milliseconds latest_ = kNever;
};

}  // namespace heliograph::server
