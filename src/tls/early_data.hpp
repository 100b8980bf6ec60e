// Anti-replay for 0-RTT (RFC 9846 section 8): each ticket opens the door for early data once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

#include "base/bytes.hpp"

namespace heliograph::tls {

// How far the client's idea of a ticket's age may be from ours, in milliseconds.
inline constexpr std::int64_t kMaxTicketAgeSkew = 10'000;

// Knows which ClientHellos have been seen. Shared by all connections that open the same tickets.
class ReplayGuard {
 public:
  ReplayGuard() = default;
  ReplayGuard(const ReplayGuard&) = delete;
  ReplayGuard& operator=(const ReplayGuard&) = delete;
  virtual ~ReplayGuard() = default;

  // True if `binder` is new; from then on it is not, until `expires` (milliseconds since 1970) at
  // least. When in doubt, false: the client then sends again what it sent early.
  virtual bool first_use(Bytes binder, std::int64_t now, std::int64_t expires) = 0;
};

// Keeps at most `capacity` binders in memory; while it is full, every answer is false. Not for
// several threads.
class MemoryReplayGuard : public ReplayGuard {
 public:
  explicit MemoryReplayGuard(std::size_t capacity) : capacity_(capacity) {}
  bool first_use(Bytes binder, std::int64_t now, std::int64_t expires) override;

 private:
  // Binders are outputs of HMAC: their first bytes tell them apart.
  using Key = std::array<std::uint8_t, 16>;

  std::size_t capacity_;
  std::set<Key> seen_;
  std::multimap<std::int64_t, Key> by_expiry_;
};

}  // namespace heliograph::tls
