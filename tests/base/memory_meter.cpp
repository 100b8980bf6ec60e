#include "tests/base/memory_meter.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::atomic<std::size_t> g_allocations = 0;
std::atomic<std::size_t> g_bytes = 0;
std::atomic<std::size_t> g_most_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  ++g_allocations;
  const std::size_t bytes = g_bytes += malloc_usable_size(memory);
  if (bytes > g_most_bytes) g_most_bytes = bytes;
  return memory;
}
// A sanitizer has one of its own, which would not go together with the others.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) g_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace heliograph {

MemoryMeter::MemoryMeter() : allocations_(g_allocations), bytes_(g_bytes) {
  g_most_bytes = bytes_;
}

std::size_t MemoryMeter::allocations() const {
  return g_allocations - allocations_;
}

std::size_t MemoryMeter::held() const {
  return g_bytes > bytes_ ? g_bytes - bytes_ : 0;
}

std::size_t MemoryMeter::most_held() const {
  return g_most_bytes - bytes_;
}

}  // namespace heliograph
