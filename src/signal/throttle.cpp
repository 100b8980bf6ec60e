#include "signal/throttle.hpp"

#include <algorithm>

namespace heliograph::signal {
namespace {

// After this many unsuccessful attempts.
Milliseconds delay_after(std::uint32_t attempts) {
  constexpr std::uint32_t kSteps = 9;  // doublings until kMaxDelay is passed
  if (attempts == 0) return 0;
  return std::min(kFirstDelay << std::min(attempts - 1, kSteps), kMaxDelay);
}

// The size in front keeps the keys of IPv4, of IPv6 and of pairs apart.
std::string address_key(const AddressKey& address) {
  const auto size = static_cast<char>(address.text().size());
  return std::string(1, size).append(address.text());
}

std::string pair_key(const AddressKey& address, std::string_view name) {
  return address_key(address).append(1, ':').append(name);
}

}  // namespace

AddressKey::AddressKey(Bytes address) {
  constexpr std::array<std::uint8_t, 12> kIpv4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.size() == 16 && equal(address.first(kIpv4Mapped.size()), kIpv4Mapped)) {
    address = address.last(4);
  }
  if (address.size() != 4 && address.size() != 16) return;
  size_ = static_cast<std::uint8_t>(std::min(address.size(), bytes_.size()));
  std::ranges::copy(as_text(address.first(size_)), bytes_.begin());
}

std::optional<Milliseconds> Throttle::attempt(const AddressKey& address, std::string_view name,
                                              Milliseconds now) {
  Counter* const failures = find(address_key(address), now);
  if (failures != nullptr) cool_down(*failures, now);
  const Milliseconds earliest = failures == nullptr ? now : std::max(now, failures->not_before);
  Counter& attempts = find_or_add(pair_key(address, name), now);
  const Milliseconds start = std::max(earliest, attempts.not_before);
  if (start - now > kMaxDelay) return std::nullopt;
  ++attempts.count;
  attempts.not_before = start + delay_after(attempts.count);
  // Attempts under other names queue behind this one, so that many at once gain nothing.
  if (failures != nullptr && failures->count > kFreeFailuresPerAddress) {
    failures->not_before = start + delay_after(failures->count - kFreeFailuresPerAddress);
  }
  return start - now;
}

void Throttle::succeeded(const AddressKey& address, std::string_view name) {
  const auto entry = index_.find(pair_key(address, name));
  if (entry == index_.end()) return;
  const Counters::iterator counter = entry->second;
  index_.erase(entry);
  counters_.erase(counter);
}

void Throttle::failed(const AddressKey& address, Milliseconds now) {
  Counter& failures = find_or_add(address_key(address), now);
  cool_down(failures, now);
  ++failures.count;
  if (failures.count <= kFreeFailuresPerAddress) return;
  failures.not_before =
      std::max(failures.not_before, now + delay_after(failures.count - kFreeFailuresPerAddress));
}

void Throttle::forgive(const AddressKey& address, std::string_view name) {
  const auto entry = index_.find(pair_key(address, name));
  if (entry != index_.end() && entry->second->count > 0) --entry->second->count;
}

void Throttle::cool_down(Counter& failures, Milliseconds now) {
  constexpr Milliseconds kAllBits = 31;
  const Milliseconds halvings = (now - failures.halved_at) / kThrottleHalfLife;
  failures.count >>= std::min(halvings, kAllBits);
  failures.halved_at += halvings * kThrottleHalfLife;
}

// Moves the counter to the front; one that is too old is as good as none.
Throttle::Counter* Throttle::find(std::string_view key, Milliseconds now) {
  const auto entry = index_.find(key);
  if (entry == index_.end()) return nullptr;
  Counter& counter = *entry->second;
  counters_.splice(counters_.begin(), counters_, entry->second);
  if (now - counter.last_used > kThrottleMemory) {
    counter.count = 0;
    counter.not_before = 0;
  }
  counter.last_used = now;
  return &counter;
}

Throttle::Counter& Throttle::find_or_add(std::string_view key, Milliseconds now) {
  if (Counter* const counter = find(key, now)) return *counter;
  if (counters_.size() == kMaxThrottleEntries) forget_oldest();
  Counter& counter = counters_.emplace_front();
  counter.key = key;
  counter.last_used = now;
  counter.halved_at = now;
  index_.emplace(counter.key, counters_.begin());
  return counter;
}

void Throttle::forget_oldest() {
  index_.erase(counters_.back().key);
  counters_.pop_back();
}

}  // namespace heliograph::signal
