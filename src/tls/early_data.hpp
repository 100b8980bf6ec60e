// Anti-replay for 0-RTT (RFC 9846 section 8): the early data of each ClientHello is read once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
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

// Keeps at most `capacity` binders in memory; while it is full, every answer is false. Threads may
// share it.
class MemoryReplayGuard : public ReplayGuard {
 public:
  // `began`: milliseconds since 1970. A guard cannot know what was seen before it, say by the
  // process that ran earlier with the same ticket keys: for twice kMaxTicketAgeSkew after `began`
  // every answer is false. 0: nothing was, the ticket keys are new.
  MemoryReplayGuard(std::size_t capacity, std::int64_t began)
      : capacity_(capacity), began_(began) {}
  bool first_use(Bytes binder, std::int64_t now, std::int64_t expires) override;

 private:
  // Binders are outputs of HMAC: their first bytes tell them apart.
  using Key = std::array<std::uint8_t, 16>;

  std::mutex mutex_;
  std::size_t capacity_;
  std::int64_t began_;
  std::int64_t latest_ = 0;  // the latest time that it was told
  std::set<Key> seen_;
  std::multimap<std::int64_t, Key> by_expiry_;
};

}  // namespace heliograph::tls
