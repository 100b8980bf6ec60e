// What one worker counts. The worker's thread writes, the main thread reads: every number is an
// atomic of its own without any order among them, and no lock is on the way of a message. What the
// numbers are called, and what they mean, stands in metric_table.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "signal/tally.hpp"
#include "tls/parameters.hpp"

namespace heliograph::server {

// Goes up. One thread writes, so that adding needs no locked instruction.
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Goes up and down. One thread writes.
class Gauge {
 public:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Times that something took.
class Histogram {
 public:
  // Upper bounds in nanoseconds, from a turn that had nothing to do to a client that hardly
  // answers; what takes longer is in a last bucket without one.
  static constexpr std::array<std::uint64_t, 19> kBounds = {
      10'000,        25'000,        50'000,        100'000,       250'000,
      500'000,       1'000'000,     2'500'000,     5'000'000,     10'000'000,
      25'000'000,    50'000'000,    100'000'000,   250'000'000,   500'000'000,
      1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

  void observe_nanoseconds(std::uint64_t value) {
    const auto bound = std::ranges::lower_bound(kBounds, value);
    buckets_[static_cast<std::size_t>(bound - kBounds.begin())].add();
    sum_.add(value);
  }
  // What the clock of the loops shows as nothing took half a millisecond, for all that is known.
  void observe(Milliseconds value) {
    observe_nanoseconds(value == 0 ? 500'000 : value * 1'000'000);
  }

  // Not cumulative.
  [[nodiscard]] std::span<const Counter> buckets() const { return buckets_; }
  [[nodiscard]] std::uint64_t sum_nanoseconds() const { return sum_.value(); }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_;
};

// Counters of one family, by a label whose values are an enumeration. No label has values that a
// peer can choose, or it could fill the memory of whoever collects them.
template <class Label, std::size_t size>
class CountersBy {
 public:
  Counter& operator[](Label label) { return counters_[static_cast<std::size_t>(label)]; }
  [[nodiscard]] std::span<const Counter> all() const { return counters_; }

 private:
  std::array<Counter, size> counters_;
};

enum class ConnectionResult : std::uint8_t { kAccepted, kRefused, kNoResources };
enum class LoginResult : std::uint8_t { kOk, kInUse, kWrong, kRefused, kUnavailable };
enum class Direction : std::uint8_t { kIn, kOut };
enum class RelayPath : std::uint8_t { kLocal, kWorker, kNobody };
enum class CallEnd : std::uint8_t { kLeft, kGone, kUnavailable };
enum class RedisCommand : std::uint8_t { kGet, kHget, kEval };
enum class RedisError : std::uint8_t {
  kReply,
  kLate,
  kLost,
  kRefused,
  kTooManyRedirects,
  kNotAsked
};

// Completed TLS handshakes, by group and by whether a session was resumed: the place of each.
inline constexpr std::size_t kHandshakeKinds = tls::kAllGroups.size() * 2;
inline std::size_t handshake_kind(tls::NamedGroup group, bool resumed) {
  const auto* const found = std::ranges::find(tls::kAllGroups, group);
  return static_cast<std::size_t>(found - tls::kAllGroups.begin()) * 2 + (resumed ? 1 : 0);
}

struct Metrics {
  Gauge connections;
  CountersBy<ConnectionResult, 3> connections_total;
  CountersBy<std::size_t, kHandshakeKinds> tls_handshakes;  // completed, by handshake_kind()
  Counter tls_handshakes_failed;
  Histogram tls_handshake_time;
  Histogram ping_round_trip;
  Counter slow_closes;
  Histogram loop_turn;

  CountersBy<LoginResult, 5> logins;
  Counter auth_throttled;
  Counter sessions_resumed;
  CountersBy<signal::Command::Kind, signal::kCommandKinds> messages_in;
  CountersBy<signal::Event::Kind, signal::kEventKinds> messages_out;
  CountersBy<Direction, 2> message_bytes;
  CountersBy<RelayPath, 3> relayed;
  Gauge call_parties;  // two make a call
  CountersBy<CallEnd, 3> calls;
  Counter glares;

  Gauge redis_up;
  Gauge redis_heard_at;  // Milliseconds of the monotonic clock; 0: never
  CountersBy<RedisCommand, 3> redis_commands;
  CountersBy<RedisError, 6> redis_errors;
  Counter redis_ups;  // the first is no reconnect
  Histogram redis_round_trip;
};

}  // namespace heliograph::server
