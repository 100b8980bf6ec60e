// What lets a session outlive its connection: the session's half, and that of the connection which
// speaks for it now.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "signal/address.hpp"
#include "signal/backlog.hpp"

namespace heliograph::server {

struct Lifeline {
  signal::Backlog backlog;
  // The connection of the client; nothing while it is away.
  std::optional<signal::Address> client;
  Milliseconds away_until = kNever;
  Milliseconds timer_at = kNever;  // of a session that is adrift
};

// Which messages of one session a pong shows to have arrived: those that were sent before its ping.
class ArrivalMark {
 public:
  // The messages up to this number are sent.
  void sent(std::uint64_t number) { sent_ = number; }

  // A ping of that time was answered: the messages up to the returned number have arrived.
  std::optional<std::uint64_t> pong(Milliseconds pinged_at, Milliseconds now) {
    std::optional<std::uint64_t> arrived;
    if (marked_at_ < pinged_at) arrived = marked_;
    marked_ = sent_;
    marked_at_ = now;
    return arrived;
  }

 private:
  std::optional<std::uint64_t> sent_;
  std::optional<std::uint64_t> marked_;
  Milliseconds marked_at_ = 0;
};

struct Line {
  // The session for which the connection speaks instead of its own.
  std::optional<signal::Address> session;
  ArrivalMark mark;
};

}  // namespace heliograph::server
