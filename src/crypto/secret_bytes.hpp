// Secrets of any size, such as keys in PEM and passphrases: a vector that overwrites its memory
// with zeros before it gives it back, also that which it has outgrown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "crypto/secret.hpp"

namespace heliograph::crypto {

template <class T, class Upstream = std::allocator<T>>
struct CleansingAllocator {
  using value_type = T;

  CleansingAllocator() = default;
  template <class U>
  explicit(false) CleansingAllocator(const CleansingAllocator<U, Upstream>& /*other*/) {}

  static T* allocate(std::size_t count) { return Memory().allocate(count); }
  static void deallocate(T* memory, std::size_t count) {
    cleanse({static_cast<std::uint8_t*>(static_cast<void*>(memory)), count * sizeof(T)});
    Memory().deallocate(memory, count);
  }
  bool operator==(const CleansingAllocator& /*other*/) const { return true; }

 private:
  using Memory = typename std::allocator_traits<Upstream>::template rebind_alloc<T>;
};

using SecretBytes = std::vector<std::uint8_t, CleansingAllocator<std::uint8_t>>;

}  // namespace heliograph::crypto
