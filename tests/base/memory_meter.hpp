// What the test program holds, asks for, and has held at most. zlib is not counted: it does not use
// operator new, and its streams have a size of their own.
#pragma once

#include <cstddef>

namespace heliograph {

// Counts from when it is made.
class MemoryMeter {
 public:
  MemoryMeter();

  [[nodiscard]] std::size_t allocations() const;
  // Bytes above those at the start: now, and at most.
  [[nodiscard]] std::size_t held() const;
  [[nodiscard]] std::size_t most_held() const;

 private:
  std::size_t allocations_;
  std::size_t bytes_;
};

}  // namespace heliograph
