#include "tests/base/heap_meter.hpp"

#include <cerrno>

#include <malloc.h>

// The allocator of glibc, by the names that it has for whoever stands in for it.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}
// NOLINTEND(readability-identifier-naming)

namespace {

// In front of each block malloc keeps its size.
constexpr std::size_t kHeader = sizeof(std::size_t);

// The one that counts on this thread.
constinit thread_local heliograph::HeapMeter* t_meter = nullptr;

void* taken(void* memory) {
  if (t_meter != nullptr && memory != nullptr) t_meter->took(malloc_usable_size(memory) + kHeader);
  return memory;
}

void given_back(void* memory) {
  if (t_meter == nullptr || memory == nullptr) return;
  t_meter->gave_back(malloc_usable_size(memory) + kHeader);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  return taken(__libc_malloc(size));
}
void* calloc(std::size_t count, std::size_t size) {
  return taken(__libc_calloc(count, size));
}
void* realloc(void* memory, std::size_t size) {
  given_back(memory);
  return taken(__libc_realloc(memory, size));
}
void* memalign(std::size_t alignment, std::size_t size) {
  return taken(__libc_memalign(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return taken(__libc_memalign(alignment, size));
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = taken(__libc_memalign(alignment, size));
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
  given_back(memory);
  __libc_free(memory);
}

}  // extern "C"

namespace heliograph {

void HeapMeter::switch_on() {
  t_meter = this;
}

void HeapMeter::switch_off() {
  t_meter = nullptr;
}

}  // namespace heliograph
