// A queue that keeps its memory: what goes in at the back and out at the front allocates nothing
// once the longest queue has been seen.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace heliograph::resp {

template <class T>
class Ring {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return storage_[position(index)]; }
  const T& operator[](std::size_t index) const { return storage_[position(index)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push_back(const T& value) {
    if (size_ == storage_.size()) grow();
    storage_[position(size_++)] = value;
  }
  void pop_front() {
    first_ = position(1);
    --size_;
  }
  void clear() { first_ = size_ = 0; }

 private:
  static constexpr std::size_t kSmallest = 8;

  // Sizes are powers of two.
  [[nodiscard]] std::size_t position(std::size_t index) const {
    return (first_ + index) & (storage_.size() - 1);
  }
  void grow() {
    std::vector<T> larger(std::max(kSmallest, 2 * storage_.size()));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    storage_.swap(larger);
    first_ = 0;
  }

  std::vector<T> storage_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace heliograph::resp
