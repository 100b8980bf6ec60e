// Messages to ourselves that show whether a subscription still hears: a server that went out of
// office keeps the connection open and answers PING, but nobody publishes there any more.
//
//   every interval: send number n ──▶ PUBLISH ──▶ message ──▶ heard(n)
//   two in a row that are not heard: deaf; and the interval doubles, up to ten times the first
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace heliograph::resp {

class Probe {
 public:
  enum class Action : std::uint8_t { kNothing, kSend, kDeaf };

  // 0: never.
  explicit Probe(Milliseconds interval) : shortest_(interval), interval_(interval) {}

  // The subscription is confirmed.
  void start(Milliseconds now) {
    if (deadline_ == kNever && shortest_ > 0) deadline_ = now;
    heard_ = sent_;
    missed_ = 0;
  }
  void stop() { deadline_ = kNever; }

  [[nodiscard]] Milliseconds deadline() const { return deadline_; }
  // kSend: publish number(). kDeaf: give the connection up; the probe has stopped.
  Action on_timer(Milliseconds now) {
    if (now < deadline_) return Action::kNothing;
    missed_ = heard_ == sent_ ? 0 : missed_ + 1;
    if (missed_ >= kMostMissed) {
      interval_ = std::min(2 * interval_, kMostIntervals * shortest_);
      stop();
      return Action::kDeaf;
    }
    ++sent_;
    deadline_ = now + interval_;
    return Action::kSend;
  }

  [[nodiscard]] std::uint64_t number() const { return sent_; }
  // A message on the channel of the probe.
  void heard(std::string_view message) {
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(message.data(), message.data() + message.size(), number);
    if (error != std::errc() || number > sent_ || number <= heard_) return;
    heard_ = number;
    missed_ = 0;
    interval_ = shortest_;
  }

 private:
  static constexpr unsigned kMostMissed = 2;
  static constexpr Milliseconds kMostIntervals = 10;

  Milliseconds shortest_;
  Milliseconds interval_;
  Milliseconds deadline_ = kNever;
  std::uint64_t sent_ = 0;
  std::uint64_t heard_ = 0;
  unsigned missed_ = 0;
};

}  // namespace heliograph::resp
