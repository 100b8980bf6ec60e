// What the client of a session that can be resumed may not have received yet. Messages are numbered
// from 1, and kept until they are known to have arrived. The client counts from begin() on; the
// numbers go on, so that what is heard late of old ones says nothing about new ones.
//
//   │ forgotten │ sent, may have arrived │ waiting │
//               ▲ first_                 ▲ sent_   ▲ first_ + messages
//
// A client that comes back says how many it received, and is sent what follows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace heliograph::signal {

// For a client that is away, or has not shown that it received them. Whoever goes away and is
// called by everybody must not fill the memory.
inline constexpr std::size_t kMaxBacklogMessages = 64;
inline constexpr std::size_t kMaxBacklogBytes = std::size_t{256} * 1024;

class Backlog {
 public:
  // Nothing that was said before concerns the client any more.
  void begin();

  // A message that is sent now. The oldest are forgotten for it where there are too many.
  void add_sent(std::string_view message);
  // A message for a client that is away. False if too much waits: then the client has missed it.
  [[nodiscard]] bool add_waiting(std::string_view message);
  // The next message that waits, which counts as sent from now on. Valid until the next call.
  std::optional<std::string_view> send_next();

  // The messages up to this number have arrived.
  void arrived(std::uint64_t number);
  // Since begin(), the client has received `count` messages; those behind them wait again. False if
  // there never were so many, or some of those behind them are forgotten.
  [[nodiscard]] bool rewind(std::uint64_t count);

  // The number of the last message that was sent.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::size_t kept() const { return messages_.size(); }

 private:
  void forget_first();
  // Forgets messages that were sent until the limits hold; whether they do.
  bool make_room();

  std::deque<std::string> messages_;
  std::size_t bytes_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t first_ = 0;  // messages that are forgotten
  std::uint64_t sent_ = 0;
};

}  // namespace heliograph::signal
