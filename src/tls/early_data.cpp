#include "tls/early_data.hpp"

#include <algorithm>

namespace heliograph::tls {

bool MemoryReplayGuard::first_use(Bytes binder, std::int64_t now, std::int64_t expires) {
  const std::lock_guard lock(mutex_);
  latest_ = std::max(latest_, now);
  // Connections do not ask in the order in which they began, and what has expired was forgotten.
  if (expires < latest_ || latest_ - began_ <= 2 * kMaxTicketAgeSkew) return false;
  while (!by_expiry_.empty() && by_expiry_.begin()->first < latest_) {
    seen_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
  Key key = {};
  std::ranges::copy(binder.first(std::min(binder.size(), key.size())), key.begin());
  if (seen_.size() >= capacity_ || !seen_.insert(key).second) return false;
  by_expiry_.emplace(expires, key);
  return true;
}

}  // namespace heliograph::tls
