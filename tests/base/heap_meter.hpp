// What a part of the test program asks malloc for, whoever does: our code, the standard library,
// libcrypto or zlib. Stands in for malloc, so that it does not go together with the sanitizers.
#pragma once

#include <atomic>
#include <cstddef>

namespace heliograph {

// Counts only what happens within of(), on the thread that calls it. One at a time on each; any
// thread may read what was counted so far.
class HeapMeter {
 public:
  template <class Work>
  void of(const Work& work) {
    switch_on();
    work();
    switch_off();
  }

  void took(std::size_t size) {
    allocations_.fetch_add(1, std::memory_order_relaxed);
    held_.fetch_add(static_cast<std::ptrdiff_t>(size), std::memory_order_relaxed);
  }
  void gave_back(std::size_t size) {
    held_.fetch_sub(static_cast<std::ptrdiff_t>(size), std::memory_order_relaxed);
  }

  // Calls of malloc, calloc, realloc and the like.
  [[nodiscard]] std::size_t allocations() const { return allocations_; }
  // Bytes that were taken and not given back, as malloc keeps them: with what it adds to each
  // block.
  [[nodiscard]] std::ptrdiff_t held() const { return held_; }

 private:
  void switch_on();
  static void switch_off();

  std::atomic<std::size_t> allocations_ = 0;
  std::atomic<std::ptrdiff_t> held_ = 0;
};

}  // namespace heliograph
