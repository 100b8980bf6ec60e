// What an owner keeps about some of the objects in Slots that belong to somebody else, under their
// ids.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "server/slots.hpp"

namespace heliograph::server {

template <class T>
class SlotTable {
 public:
  // Takes the place of what another generation may have left there.
  template <class... Arguments>
  T& emplace(SlotId id, Arguments&&... arguments) {
    const auto number = static_cast<std::uint32_t>(id);
    if (number >= entries_.size()) entries_.resize(number + std::size_t{1});
    entries_[number] = {generation(id), std::make_unique<T>(std::forward<Arguments>(arguments)...)};
    return *entries_[number].object;
  }

  // Null if there is nothing for this very id.
  [[nodiscard]] T* find(SlotId id) const {
    const auto number = static_cast<std::uint32_t>(id);
    if (number >= entries_.size() || entries_[number].generation != generation(id)) return nullptr;
    return entries_[number].object.get();
  }

  template <class Use>
  void for_each(Use use) const {
    for (std::uint32_t number = 0; number < entries_.size(); ++number) {
      const Entry& entry = entries_[number];
      if (entry.object) use(SlotId{entry.generation} << 32 | number, *entry.object);
    }
  }

  // Null if there is nothing for this very id.
  std::unique_ptr<T> take(SlotId id) {
    if (find(id) == nullptr) return nullptr;
    return std::move(entries_[static_cast<std::uint32_t>(id)].object);
  }

  void erase(SlotId id) {
    if (find(id) != nullptr) entries_[static_cast<std::uint32_t>(id)].object.reset();
  }

 private:
  struct Entry {
    std::uint32_t generation = 0;
    std::unique_ptr<T> object;
  };

  static std::uint32_t generation(SlotId id) { return static_cast<std::uint32_t>(id >> 32); }

  std::vector<Entry> entries_;
};

}  // namespace heliograph::server
