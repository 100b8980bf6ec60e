// Objects under ids that are never used twice: slot number and generation.
//
// An id that outlives its object finds nothing, even when the slot holds another object by then.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace heliograph::server {

// Generation in the upper half (never 0), slot number in the lower half.
using SlotId = std::uint64_t;

template <class T>
class Slots {
 public:
  template <class... Arguments>
  std::pair<SlotId, T*> emplace(Arguments&&... arguments) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t number = free_.back();
    Slot& slot = slots_[number];
    const SlotId id = SlotId{slot.generation} << 32 | number;
    slot.object = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    free_.pop_back();
    return {id, slot.object.get()};
  }

  [[nodiscard]] T* find(SlotId id) const {
    const auto number = static_cast<std::uint32_t>(id);
    if (number >= slots_.size() || slots_[number].generation != id >> 32) return nullptr;
    return slots_[number].object.get();
  }

  void erase(SlotId id) {
    if (find(id) == nullptr) return;
    const auto number = static_cast<std::uint32_t>(id);
    slots_[number].object.reset();
    if (++slots_[number].generation == 0) slots_[number].generation = 1;
    free_.push_back(number);
  }

  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

  // The ids of all objects, so that they can be visited while some go.
  [[nodiscard]] std::vector<SlotId> ids() const {
    std::vector<SlotId> ids;
    for (std::uint32_t number = 0; number < slots_.size(); ++number) {
      const Slot& slot = slots_[number];
      if (slot.object) ids.push_back(SlotId{slot.generation} << 32 | number);
    }
    return ids;
  }

 private:
  struct Slot {
    std::uint32_t generation = 1;
    std::unique_ptr<T> object;
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace heliograph::server
