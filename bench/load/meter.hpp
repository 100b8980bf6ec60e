// What is measured between a warm-up and an end: operations, their latency, and the processor time
// of the servers meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "load/fleet.hpp"
#include "load/histogram.hpp"
#include "load/json.hpp"
#include "load/process.hpp"
#include "load/settings.hpp"

namespace heliograph::bench {

class Meter {
 public:
  explicit Meter(const Settings& settings) : settings_(settings), servers_(settings.pids) {}

  // Lets `go` work until the end of the warm-up, and then until the end of the window, which
  // is longer than wanted if nothing was done in it.
  void run(const std::function<void(Clock::time_point until)>& go);
  // Or by hand.
  void begin();
  void end();

  // One operation is done that was meant to begin at `start`.
  void count(Clock::time_point start, Clock::time_point now) {
    const auto taken = std::chrono::duration_cast<std::chrono::nanoseconds>(now - start).count();
    latencies_.record(taken < 0 ? 0 : static_cast<std::uint64_t>(taken));
  }

  [[nodiscard]] const Processes& servers() const { return servers_; }
  [[nodiscard]] double server_cores() const { return server_seconds_ / seconds_; }
  [[nodiscard]] JsonObject report() const;

 private:
  const Settings& settings_;
  Processes servers_;
  Histogram latencies_;
  Clock::time_point began_;
  double seconds_ = 0;
  double server_seconds_ = 0;
  double own_seconds_ = 0;
};

}  // namespace heliograph::bench
