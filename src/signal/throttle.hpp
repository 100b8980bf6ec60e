// Slows down the guessing of passwords: attempts are counted per address and name, failures also
// per address alone. Never by name alone, since anybody could then lock its owner out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace heliograph::signal {

// The n-th attempt after a failed one waits kFirstDelay * 2^(n-1), up to kMaxDelay.
inline constexpr Milliseconds kFirstDelay = 100;
inline constexpr Milliseconds kMaxDelay = 25'000;
// Failures of one address under any names that cost nothing: many users may share an address, and
// all of them mistype. Beyond, one address is trying names.
inline constexpr std::uint32_t kFreeFailuresPerAddress = 20;
// An address's failures are halved this often: many people may share an address, and all of them
// mistype now and then.
inline constexpr Milliseconds kThrottleHalfLife = 60'000;
// A count is forgotten this long after its last attempt.
inline constexpr Milliseconds kThrottleMemory = 30 * Milliseconds{60'000};
// Counts that are kept of each kind; the one that has not been used for longest goes first. Without
// a bound, an attacker with many addresses would fill the memory.
inline constexpr std::size_t kMaxThrottleEntries = 65'536;

// What begins so is no name but a session that is to be resumed; no name has such a character.
inline constexpr char kSessionMark = '\0';

// The part of an address that one attacker is taken to have: all of IPv4, the /64 of IPv6.
class AddressKey {
 public:
  // 4 bytes (IPv4) or 16 (IPv6; an IPv4-mapped one counts as IPv4) in network order. Anything else,
  // such as nothing for a Unix socket, is one key for all.
  explicit AddressKey(Bytes address);

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 8> bytes_{};
  std::uint8_t size_ = 0;
};

class Throttle {
 public:
  Throttle() = default;
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;
  ~Throttle() = default;

  // How long to hold a login before its password is looked at; likewise a resume, whose `name` is
  // kSessionMark and what tells the session from others. Nothing: refuse it at once, for so many
  // are held already that it would wait longer than kMaxDelay.
  std::optional<Milliseconds> attempt(const AddressKey& address, std::string_view name,
                                      Milliseconds now);
  // The outcome of an attempt that was not refused. One that ends without any (the client went
  // away) counts as failed.
  void succeeded(const AddressKey& address, std::string_view name);
  void failed(const AddressKey& address, Milliseconds now);
  // The password could not be looked at, through no fault of the client: as if not attempted.
  void forgive(const AddressKey& address, std::string_view name);

  [[nodiscard]] std::size_t size() const {
    return addresses_.size() + names_.size() + sessions_.size();
  }

 private:
  struct Counter {
    std::string key;
    std::uint32_t count = 0;
    Milliseconds not_before = 0;  // when the next attempt may run
    Milliseconds last_used = 0;
    Milliseconds halved_at = 0;  // of an address's failures
  };

  class Counters {
   public:
    Counter* untouched(std::string_view key);
    Counter* find(std::string_view key, Milliseconds now);
    Counter& find_or_add(std::string_view key, Milliseconds now);
    void remove(std::string_view key);
    [[nodiscard]] std::size_t size() const { return list_.size(); }

   private:
    using List = std::list<Counter>;

    void forget_oldest();

    List list_;  // the one used last is in front
    std::unordered_map<std::string_view, List::iterator> index_;
  };

  static void cool_down(Counter& failures, Milliseconds now);
  Counters& attempts_at(std::string_view name);

  // Each kind by itself: whoever invents names, or sessions, pushes no address out, and it takes as
  // many addresses as are kept to do that.
  Counters addresses_;
  Counters names_;
  Counters sessions_;
};

}  // namespace heliograph::signal
