#include "net/timer_wheel.hpp"

#include <algorithm>

namespace heliograph::net {

void TimerWheel::schedule(Token token, Milliseconds deadline) {
  const std::uint64_t wanted = deadline / kTick + (deadline % kTick == 0 ? 0 : 1);
  const std::uint64_t tick = std::clamp(wanted, tick_ + 1, tick_ + kSlots - 1);
  slots_[tick % kSlots].push_back(token);
  ++scheduled_;
}

void TimerWheel::advance(Milliseconds now, std::vector<Token>& due) {
  const std::uint64_t last = now / kTick;
  // After a long sleep each slot is emptied once, not once for every time round.
  for (std::size_t i = 0; tick_ < last && i < kSlots; ++i) {
    std::vector<Token>& slot = slots_[++tick_ % kSlots];
    scheduled_ -= slot.size();
    due.insert(due.end(), slot.begin(), slot.end());
    slot.clear();
  }
  tick_ = std::max(tick_, last);
}

Milliseconds TimerWheel::next() const {
  if (scheduled_ == 0) return kNever;
  std::uint64_t tick = tick_ + 1;
  while (slots_[tick % kSlots].empty()) ++tick;
  return tick * kTick;
}

}  // namespace heliograph::net
