#include "net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace heliograph::net {

void TimerWheel::schedule(Token token, Milliseconds deadline) {
  const std::uint64_t wanted = deadline / kTick + (deadline % kTick == 0 ? 0 : 1);
  const std::uint64_t tick = std::clamp(wanted, tick_ + 1, tick_ + kSlots - 1);
  slots_[tick % kSlots].push_back(token);
  mark(tick % kSlots);
}

void TimerWheel::advance(Milliseconds now, std::vector<Token>& due) {
  const std::uint64_t last = now / kTick;
  // After a long sleep each slot is emptied once, not once for every time round.
  for (std::size_t i = 0; tick_ < last && i < kSlots; ++i) {
    const std::size_t number = ++tick_ % kSlots;
    std::vector<Token>& slot = slots_[number];
    due.insert(due.end(), slot.begin(), slot.end());
    slot.clear();
    unmark(number);
  }
  tick_ = std::max(tick_, last);
}

Milliseconds TimerWheel::next() const {
  const std::size_t first = (tick_ + 1) % kSlots;
  // The word of `first` is looked at twice: from `first` on, and at the end up to it.
  std::uint64_t word = occupied_[first / kWordBits] & ~(bit(first) - 1);
  for (std::size_t i = 0; i <= occupied_.size(); ++i) {
    const std::size_t number = (first / kWordBits + i) % occupied_.size();
    if (i > 0) word = occupied_[number];
    if (word == 0) continue;
    const std::size_t slot = number * kWordBits + static_cast<std::size_t>(std::countr_zero(word));
    return (tick_ + 1 + (slot + kSlots - first) % kSlots) * kTick;
  }
  return kNever;
}

}  // namespace heliograph::net
