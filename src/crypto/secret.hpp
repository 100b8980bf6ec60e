// A secret of a bounded size, by value: overwritten with zeros when destroyed and when moved from.
// Copies are made only by name.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph::crypto {

// Overwrites with zeros; the compiler cannot leave it out.
void cleanse(MutableBytes bytes);

template <std::size_t capacity>
class BoundedSecret {
 public:
  static constexpr std::size_t kCapacity = capacity;

  BoundedSecret() = default;
  // `size` zero bytes, to be written through mutable_bytes(). At most kCapacity.
  explicit BoundedSecret(std::size_t size) : size_(size) {}
  // A copy of `bytes`, at most kCapacity of them.
  explicit BoundedSecret(Bytes bytes) : size_(bytes.size()) {
    std::ranges::copy(bytes, storage_.begin());
  }
  BoundedSecret(BoundedSecret&& other) noexcept : storage_(other.storage_), size_(other.size_) {
    other.clear();
  }
  BoundedSecret& operator=(BoundedSecret&& other) noexcept {
    if (this != &other) {
      storage_ = other.storage_;
      size_ = other.size_;
      other.clear();
    }
    return *this;
  }
  BoundedSecret(const BoundedSecret&) = delete;
  BoundedSecret& operator=(const BoundedSecret&) = delete;
  ~BoundedSecret() { clear(); }

  [[nodiscard]] BoundedSecret copy() const { return BoundedSecret(bytes()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes bytes() const { return Bytes(storage_).first(size_); }
  [[nodiscard]] MutableBytes mutable_bytes() { return MutableBytes(storage_).first(size_); }
  // Empty, and nothing left in memory.
  void clear() {
    if (size_ == 0) return;
    cleanse(mutable_bytes());
    size_ = 0;
  }

 private:
  // Zeros behind the first size_ bytes.
  std::array<std::uint8_t, capacity> storage_ = {};
  std::size_t size_ = 0;
};

// Keys, and what they are derived from.
using Secret = BoundedSecret<64>;

}  // namespace heliograph::crypto
