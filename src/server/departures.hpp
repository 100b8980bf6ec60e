// When clients are told to go while the server drains: in slices over a time, so that they do not
// all come back to another node at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "server/slots.hpp"

namespace heliograph::server {

class Departures {
 public:
  static constexpr Milliseconds kSlice = 100;
  // So few coming back at once hurt nobody, and a server with few clients ends at once.
  static constexpr std::size_t kLeastPerSlice = 16;

  // `clients` go in this order from `start` on, the last of them before `start + over`.
  Departures(std::vector<SlotId> clients, Milliseconds start, Milliseconds over)
      : clients_(std::move(clients)), start_(start) {
    const std::size_t slices = std::max<std::size_t>(1, over / kSlice);
    per_slice_ = std::max(kLeastPerSlice, (clients_.size() + slices - 1) / slices);
  }

  [[nodiscard]] std::span<const SlotId> clients() const { return clients_; }
  // How long after the start the client at this place goes.
  [[nodiscard]] Milliseconds delay(std::size_t place) const { return place / per_slice_ * kSlice; }

  // Those whose time has come since the last call.
  std::span<const SlotId> take(Milliseconds now) {
    const std::size_t due = ((now - start_) / kSlice + 1) * per_slice_;
    const std::size_t end = std::clamp(due, gone_, std::max(gone_, clients_.size()));
    const std::size_t first = std::exchange(gone_, end);
    return std::span(clients_).subspan(first, end - first);
  }
  // When the next of them go; kNever if nobody is left.
  [[nodiscard]] Milliseconds next() const {
    return gone_ == clients_.size() ? kNever : start_ + delay(gone_);
  }

 private:
  std::vector<SlotId> clients_;
  Milliseconds start_;
  std::size_t per_slice_ = kLeastPerSlice;
  std::size_t gone_ = 0;
};

}  // namespace heliograph::server
