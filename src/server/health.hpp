// Whether the server lives, and whether it can serve: what /live and /ready answer.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "server/metrics.hpp"

namespace heliograph::server {

// How often workers are asked whether they are there.
inline constexpr Milliseconds kWorkerPingInterval = 1'000;
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

  Health(std::size_t workers, bool needs_redis) : workers_(workers), needs_redis_(needs_redis) {}

  // Whether the worker shall be asked now.
  [[nodiscard]] bool take_ping(std::size_t worker, Milliseconds now);
  void answered(std::size_t worker) { workers_[worker].waits = false; }
  // When take_ping() may be true again.
  [[nodiscard]] Milliseconds deadline() const;
  void drain() { draining_ = true; }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] bool needs_redis() const { return needs_redis_; }

  [[nodiscard]] Verdict judge(std::span<const Metrics* const> workers, Milliseconds now) const;

 private:
  struct Worker {
    Milliseconds asked_at = 0;
    bool waits = false;
  };

  std::vector<Worker> workers_;
  const bool needs_redis_;
  bool draining_ = false;
};

}  // namespace heliograph::server
