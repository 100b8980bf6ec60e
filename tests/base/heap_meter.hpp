// What a part of the test program asks malloc for, whoever does: our code, the standard library,
// libcrypto or zlib. Stands in for malloc, so that it does not go together with the sanitizers.
#pragma once

#include <cstddef>

namespace heliograph {

// Counts only what happens within of(). Not for several threads, and one at a time.
class HeapMeter {
 public:
  template <class Work>
  void of(const Work& work) {
    switch_on();
    work();
    switch_off();
  }

  // Calls of malloc, calloc, realloc and the like.
  [[nodiscard]] std::size_t allocations() const { return allocations_; }
  // Bytes that were taken and not given back, as malloc keeps them: with what it adds to each
  // block.
  [[nodiscard]] std::ptrdiff_t held() const { return held_; }

 private:
  void switch_on();
  void switch_off();

  std::size_t allocations_ = 0;
  std::ptrdiff_t held_ = 0;
};

}  // namespace heliograph
