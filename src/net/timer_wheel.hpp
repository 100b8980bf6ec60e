// Coarse deadlines for many connections: scheduling and firing cost O(1).
//
//   slot of `now`
//        ▼
//   ┌──┬──┬──┬──┬──┬── … ──┬──┐   one slot = kTick milliseconds
//   │  │ab│  │c │  │       │  │   a slot holds the tokens that fall due in it
//   └──┴──┴──┴──┴──┴── … ──┴──┘
//
// Nothing is ever cancelled or moved: a token that fires asks its connection, which may have a
// later deadline by now and is then scheduled again. A deadline beyond the horizon is put into
// the farthest slot and asks again from there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace heliograph::net {

class TimerWheel {
 public:
  using Token = std::uint64_t;

  static constexpr Milliseconds kTick = 32;
  static constexpr std::size_t kSlots = 1024;
  // The farthest ahead that a token can be put: a little more than 32 seconds.
  static constexpr Milliseconds kHorizon = kTick * (kSlots - 1);

  explicit TimerWheel(Milliseconds now) : tick_(now / kTick) {}

  // Fires at or shortly after `deadline`, never before it, unless it is beyond the horizon.
  void schedule(Token token, Milliseconds deadline);

  // Moves every token that has fallen due by `now` into `due`, in order of their slots.
  void advance(Milliseconds now, std::vector<Token>& due);

  // When advance() should be called next; kNever if nothing is scheduled.
  [[nodiscard]] Milliseconds next() const;

 private:
  static constexpr std::size_t kWordBits = 64;

  void mark(std::size_t slot) { occupied_[slot / kWordBits] |= bit(slot); }
  void unmark(std::size_t slot) { occupied_[slot / kWordBits] &= ~bit(slot); }
  static std::uint64_t bit(std::size_t slot) { return std::uint64_t{1} << slot % kWordBits; }

  std::array<std::vector<Token>, kSlots> slots_;
  std::array<std::uint64_t, kSlots / kWordBits> occupied_{};  // one bit per slot that is not empty
  std::uint64_t tick_;  // every slot up to this tick was emptied
};

}  // namespace heliograph::net
