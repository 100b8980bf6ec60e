// Whether the server lives, and whether it can serve: what /live and /ready answer.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "server/metrics.hpp"
#include "server/pulse.hpp"

namespace heliograph::server {

// A worker that has not answered for so long is busy beyond measure: no new clients for it.
inline constexpr Milliseconds kWorkerPatience = 2'000;
// A worker that has not answered for so long hangs: whoever watches should start us again.
inline constexpr Milliseconds kWorkerHangs = 30'000;
// Redis answers a ping every two seconds.
inline constexpr Milliseconds kRedisPatience = 6'000;

class Health {
 public:
  struct Verdict {
    bool live = true;
    std::vector<std::string> not_ready;  // why; empty: ready

    [[nodiscard]] bool ready() const { return not_ready.empty(); }
  };

  // `pulse` must outlive it.
  Health(const Pulse& pulse, bool needs_redis) : pulse_(pulse), needs_redis_(needs_redis) {}

  void drain() { draining_ = true; }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] bool needs_redis() const { return needs_redis_; }

  [[nodiscard]] Verdict judge(std::span<const Metrics* const> workers, Milliseconds now) const;

 private:
  const Pulse& pulse_;
  const bool needs_redis_;
  bool draining_ = false;
};

}  // namespace heliograph::server
