#include "ws/heartbeat.hpp"

#include <algorithm>

#include "base/reader.hpp"

namespace heliograph::ws {

std::optional<Milliseconds> Heartbeat::pong(Bytes payload, Milliseconds now) const {
  Reader reader(payload);
  const Milliseconds sent = reader.u64();
  if (!reader.done() || sent == 0 || sent != sent_at_ || sent > now) return std::nullopt;
  return now - sent;
}

Milliseconds Heartbeat::deadline() const {
  return std::min(ping_at_, heard_at_ + timeout_);
}

std::optional<Heartbeat::Payload> Heartbeat::take_ping(Milliseconds now) {
  if (now < ping_at_) return std::nullopt;
  ping_at_ = now + interval_;
  sent_at_ = now;
  Payload payload{};
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[payload.size() - 1 - i] = static_cast<std::uint8_t>(now >> (8 * i));
  }
  return payload;
}

}  // namespace heliograph::ws
