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

// The size in front keeps the keys of IPv4 and of IPv6 apart.
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
  Counter* const failures = addresses_.find(address_key(address), now);
  if (failures != nullptr) cool_down(*failures, now);
  Counters& counters = attempts_at(name);
  const std::string key = pair_key(address, name);
  const Counter* const before = counters.find(key, now);
  const Milliseconds start = std::max({now, failures == nullptr ? 0 : failures->not_before,
                                       before == nullptr ? 0 : before->not_before});
  // What is refused takes no place.
  if (start - now > kMaxDelay) return std::nullopt;
  Counter& attempts = counters.find_or_add(key, now);
  ++attempts.count;
  attempts.not_before = start + delay_after(attempts.count);
  // Attempts under other names queue behind this one, so that many at once gain nothing.
  if (failures != nullptr && failures->count > kFreeFailuresPerAddress) {
    failures->not_before = start + delay_after(failures->count - kFreeFailuresPerAddress);
  }
  return start - now;
}

void Throttle::succeeded(const AddressKey& address, std::string_view name) {
  attempts_at(name).remove(pair_key(address, name));
}

void Throttle::failed(const AddressKey& address, Milliseconds now) {
  Counter& failures = addresses_.find_or_add(address_key(address), now);
  cool_down(failures, now);
  ++failures.count;
  if (failures.count <= kFreeFailuresPerAddress) return;
  failures.not_before =
      std::max(failures.not_before, now + delay_after(failures.count - kFreeFailuresPerAddress));
}

void Throttle::forgive(const AddressKey& address, std::string_view name) {
  Counter* const attempts = attempts_at(name).untouched(pair_key(address, name));
  if (attempts != nullptr && attempts->count > 0) --attempts->count;
}

Throttle::Counters& Throttle::attempts_at(std::string_view name) {
  return name.starts_with(kSessionMark) ? sessions_ : names_;
}

void Throttle::cool_down(Counter& failures, Milliseconds now) {
  constexpr Milliseconds kAllBits = 31;
  const Milliseconds halvings = (now - failures.halved_at) / kThrottleHalfLife;
  failures.count >>= std::min(halvings, kAllBits);
  failures.halved_at += halvings * kThrottleHalfLife;
}

Throttle::Counter* Throttle::Counters::untouched(std::string_view key) {
  const auto entry = index_.find(key);
  return entry == index_.end() ? nullptr : &*entry->second;
}

// Moves the counter to the front; one that is too old is as good as none.
Throttle::Counter* Throttle::Counters::find(std::string_view key, Milliseconds now) {
  const auto entry = index_.find(key);
  if (entry == index_.end()) return nullptr;
  Counter& counter = *entry->second;
  list_.splice(list_.begin(), list_, entry->second);
  if (now - counter.last_used > kThrottleMemory) {
    counter.count = 0;
    counter.not_before = 0;
  }
  counter.last_used = now;
  return &counter;
}

Throttle::Counter& Throttle::Counters::find_or_add(std::string_view key, Milliseconds now) {
  if (Counter* const counter = find(key, now)) return *counter;
  if (list_.size() == kMaxThrottleEntries) forget_oldest();
  Counter& counter = list_.emplace_front();
  counter.key = key;
  counter.last_used = now;
  counter.halved_at = now;
  index_.emplace(counter.key, list_.begin());
  return counter;
}

void Throttle::Counters::remove(std::string_view key) {
  const auto entry = index_.find(key);
  if (entry == index_.end()) return;
  const List::iterator counter = entry->second;
  index_.erase(entry);
  list_.erase(counter);
}

void Throttle::Counters::forget_oldest() {
  index_.erase(list_.back().key);
  list_.pop_back();
}

}  // namespace heliograph::signal
