#include "signal/presence.hpp"

namespace heliograph::signal {

void Presence::watch(std::string_view name, const Address& watcher) {
  watchers_[std::string(name)].insert(watcher);
}

void Presence::unwatch(std::string_view name, const Address& watcher) {
  const auto entry = watchers_.find(name);
  if (entry == watchers_.end()) return;
  entry->second.erase(watcher);
  if (entry->second.empty()) watchers_.erase(entry);
}

const Presence::Watchers& Presence::watchers(std::string_view name) const {
  static const Watchers kNobody;
  const auto entry = watchers_.find(name);
  return entry == watchers_.end() ? kNobody : entry->second;
}

}  // namespace heliograph::signal
