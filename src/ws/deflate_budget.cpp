#include "ws/deflate_budget.hpp"

namespace heliograph::ws {

// Nothing but the number is shared between threads: no order of other memory depends on it.
DeflateBudget::Share::~Share() {
  if (budget_ != nullptr) budget_->reserved_.fetch_sub(size_, std::memory_order_relaxed);
}

std::optional<DeflateBudget::Share> DeflateBudget::reserve(std::size_t size) {
  std::size_t reserved = reserved_.load(std::memory_order_relaxed);
  do {
    if (size > bytes_ - reserved) return std::nullopt;
  } while (!reserved_.compare_exchange_weak(reserved, reserved + size, std::memory_order_relaxed));
  return Share(*this, size);
}

}  // namespace heliograph::ws
