#include "tests/resp/allocations.hpp"

#include <cstdlib>
#include <new>

namespace heliograph::resp {

std::size_t& allocated() {
  static std::size_t bytes = 0;
  return bytes;
}

}  // namespace heliograph::resp

void* operator new(std::size_t size) {
  heliograph::resp::allocated() += size;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
