// Pings that keep a connection alive, measure it, and find out that it is dead.
//
// A ping carries the time at which it was sent, so that its pong tells the round trip without any
// memory of pings under way. Times are Milliseconds of the loop's clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace heliograph::ws {

class Heartbeat {
 public:
  // A ping goes out `interval` after the last one; after `timeout` without a byte the peer is gone.
  Heartbeat(Milliseconds interval, Milliseconds timeout, Milliseconds now)
      : interval_(interval), timeout_(timeout), heard_at_(now), ping_at_(now + interval) {}

  // Bytes have arrived, whatever they were.
  void heard(Milliseconds now) { heard_at_ = now; }
  // The round trip, if the payload is that of one of our pings; peers may send pongs unasked.
  [[nodiscard]] std::optional<Milliseconds> pong(Bytes payload, Milliseconds now) const;

  [[nodiscard]] Milliseconds deadline() const;
  [[nodiscard]] bool is_dead(Milliseconds now) const { return now >= heard_at_ + timeout_; }

  using Payload = std::array<std::uint8_t, 8>;
  // What to send as a ping, if one is due.
  std::optional<Payload> take_ping(Milliseconds now);

 private:
  Milliseconds interval_;
  Milliseconds timeout_;
  Milliseconds heard_at_;
  Milliseconds ping_at_;
  Milliseconds sent_at_ = 0;
};

}  // namespace heliograph::ws
