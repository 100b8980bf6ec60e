// What permessage-deflate may cost a process. A connection that remembers earlier messages, or has
// streams of its own, reserves what they can grow to; when the budget is spent the extension is
// declined, not the connection.
//
// The only object of this room that several threads may use at once.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace heliograph::ws {

class DeflateBudget {
 public:
  // A reserved number of bytes, given back when this goes. The budget must outlive it.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(size_, other.size_);
      return *this;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

    [[nodiscard]] std::size_t size() const { return size_; }

   private:
    friend class DeflateBudget;
    Share(DeflateBudget& budget, std::size_t size) : budget_(&budget), size_(size) {}

    DeflateBudget* budget_ = nullptr;
    std::size_t size_ = 0;
  };

  explicit DeflateBudget(std::size_t bytes) : bytes_(bytes) {}
  DeflateBudget(const DeflateBudget&) = delete;
  DeflateBudget& operator=(const DeflateBudget&) = delete;

  // Nothing if less than `size` bytes are left.
  std::optional<Share> reserve(std::size_t size);
  [[nodiscard]] std::size_t reserved() const { return reserved_.load(std::memory_order_relaxed); }

 private:
  std::size_t bytes_;
  std::atomic<std::size_t> reserved_ = 0;
};

}  // namespace heliograph::ws
