// What the client of a session that can be resumed may not have received yet. Messages are numbered
// from 1, and kept until they are known to have arrived. The client counts from begin() on; the
// numbers go on, so that what is heard late of old ones says nothing about new ones.
//
//   │ forgotten │ sent, may have arrived │ waiting │
//               ▲ first_                 ▲ sent_   ▲ first_ + count_
//
// A client that comes back says how many it received, and is sent what follows. The messages lie
// one behind the other in one buffer: as long as some are kept, another one takes no memory of its
// own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "signal/effects.hpp"

namespace heliograph::signal {

// For a client that is away, or has not shown that it received them. Whoever goes away and is
// called by everybody must not fill the memory. The buffer may be half as long again, until all
// that it has was received.
inline constexpr std::size_t kMaxBacklogMessages = 64;
inline constexpr std::size_t kMaxBacklogBytes = std::size_t{256} * 1024;

class Backlog {
 public:
  // Nothing that was said before concerns the client any more.
  void begin();

  // A message that is sent now. The oldest are forgotten for it where there are too many.
  void add_sent(const Reply& message);
  // A message for a client that is away. False if too much waits: then the client has missed it.
  [[nodiscard]] bool add_waiting(const Reply& message);
  // The next message that waits, which counts as sent from now on. Valid until the next call.
  std::optional<std::string_view> send_next();

  // The messages up to this number have arrived.
  void arrived(std::uint64_t number);
  // Since begin(), the client has received `count` messages; those behind them wait again. False if
  // there never were so many, or some of those behind them are forgotten.
  [[nodiscard]] bool rewind(std::uint64_t count);

  // The number of the last message that was sent.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::size_t kept() const { return count_; }

 private:
  void add(const Reply& message);
  void forget_first();
  // Forgets messages that were sent until the limits hold; whether they do.
  bool make_room();

  Buffer messages_;  // each behind its size, as 4 bytes
  std::size_t count_ = 0;
  std::size_t waiting_at_ = 0;  // where those that wait begin in messages_
  std::uint64_t begin_ = 0;
  std::uint64_t first_ = 0;  // messages that are forgotten
  std::uint64_t sent_ = 0;
};

}  // namespace heliograph::signal
