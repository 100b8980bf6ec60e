#include "server/watchdog.hpp"

#include <algorithm>

namespace heliograph::server {

Watchdog::Watchdog(Milliseconds patience, std::size_t workers, Milliseconds now)
    : period_(std::max(patience / 2, Milliseconds{1})),
      next_(patience == 0 ? kNever : now),
      heard_(workers, false) {}

std::optional<Watchdog::Round> Watchdog::begin(Milliseconds now) {
  if (now < next_) return std::nullopt;
  next_ = now + period_;
  if (missing_ > 0) return std::nullopt;
  missing_ = heard_.size();
  heard_.assign(heard_.size(), false);
  return ++round_;
}

bool Watchdog::answered(std::size_t worker, Round round) {
  if (round != round_ || missing_ == 0 || heard_[worker]) return false;
  heard_[worker] = true;
  return --missing_ == 0;
}

}  // namespace heliograph::server
