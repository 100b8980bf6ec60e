// Who watches which name: one shard, kept by the home worker of the names, next to its directory,
// which says whether a name is online.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "signal/address.hpp"
#include "signal/directory.hpp"

namespace heliograph::signal {

class Presence {
 public:
  using Watchers = std::set<Address>;

  // Whoever watches already goes on to.
  void watch(std::string_view name, const Address& watcher);
  void unwatch(std::string_view name, const Address& watcher);
  // Whom to tell that the name came online or went offline.
  [[nodiscard]] const Watchers& watchers(std::string_view name) const;
  // Names that are watched.
  [[nodiscard]] std::size_t size() const { return watchers_.size(); }

 private:
  std::unordered_map<std::string, Watchers, NameHash, std::equal_to<>> watchers_;
};

}  // namespace heliograph::signal
