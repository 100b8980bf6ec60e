// Whether all workers turn, as a service manager's watchdog wants to know.
//
// Every half of the manager's patience a round begins: each worker gets a letter, and answers when
// its loop comes to read it. When the last has answered, the manager is told. A worker that hangs
// keeps its round open, no other begins, and the manager hears nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace heliograph::server {

class Watchdog {
 public:
  using Round = std::uint64_t;

  // `patience`: how long the manager waits to hear from us; 0: it does not.
  Watchdog(Milliseconds patience, std::size_t workers, Milliseconds now);

  // When to call begin(); kNever without a watchdog.
  [[nodiscard]] Milliseconds deadline() const { return next_; }
  // The round that begins now, if it is time and none is open: what to ask every worker with.
  std::optional<Round> begin(Milliseconds now);
  // A worker has answered. True if it was the last of the open round.
  bool answered(std::size_t worker, Round round);

 private:
  Milliseconds period_;
  Milliseconds next_;
  Round round_ = 0;
  std::size_t missing_ = 0;
  std::vector<bool> heard_;  // by worker, in this round
};

}  // namespace heliograph::server
