// A secret of up to 64 bytes, by value: overwritten with zeros when destroyed and when moved from.
// Copies are made only by name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph::crypto {

// Overwrites with zeros; the compiler cannot leave it out.
void cleanse(MutableBytes bytes);

class Secret {
 public:
  static constexpr std::size_t kCapacity = 64;

  Secret() = default;
  // `size` zero bytes, to be written through mutable_bytes(). At most kCapacity.
  explicit Secret(std::size_t size) : size_(size) {}
  // A copy of `bytes`, at most kCapacity of them.
  explicit Secret(Bytes bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { clear(); }

  [[nodiscard]] Secret copy() const { return Secret(bytes()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes bytes() const { return Bytes(storage_).first(size_); }
  [[nodiscard]] MutableBytes mutable_bytes() { return MutableBytes(storage_).first(size_); }
  // Empty, and nothing left in memory.
  void clear();

 private:
  std::array<std::uint8_t, kCapacity> storage_ = {};
  std::size_t size_ = 0;
};

}  // namespace heliograph::crypto
