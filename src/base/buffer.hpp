// An append buffer: what a machine writes to, and what keeps a partial record or frame.
//
//      data()                      end
//   ───┬────────────────────────────┬─────────────────┐
//  gone│          size()            │      spare      │
//   ───┴────────────────────────────┴─────────────────┘
//      └─ consume() moves it right  └─ append() writes here
//
// An empty buffer that was released owns no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() = default;

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::uint8_t* data() { return storage_.get() + begin_; }
  [[nodiscard]] const std::uint8_t* data() const { return storage_.get() + begin_; }
  [[nodiscard]] Bytes bytes() const { return {data(), size()}; }
  [[nodiscard]] MutableBytes mutable_bytes() { return {data(), size()}; }
  [[nodiscard]] std::string_view text() const { return as_text(bytes()); }

  // Appends; `bytes` must not lie in this buffer.
  void append(Bytes bytes);
  void append(std::string_view text) { append(as_bytes(text)); }
  void u8(std::uint8_t value) {
    prepare(1)[0] = value;
    commit(1);
  }
  void u16(std::uint16_t value) { number(value, 2); }
  void u24(std::uint32_t value) { number(value, 3); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }

  // Room for `count` more bytes, uninitialised; commit() makes the first of them part of the
  // buffer. The view is valid until the next call that may grow the buffer.
  MutableBytes prepare(std::size_t count) {
    if (capacity_ - end_ < count) grow(count);
    return {storage_.get() + end_, count};
  }
  void commit(std::size_t count) { end_ += count; }

  // Overwrites bytes already written, e.g. a length field. `at` counts from data().
  void patch_u8(std::size_t at, std::uint8_t value) { patch(at, value, 1); }
  void patch_u16(std::size_t at, std::uint16_t value) { patch(at, value, 2); }
  void patch_u24(std::size_t at, std::uint32_t value) { patch(at, value, 3); }

  // Drops bytes from the front; everything goes back to the start when nothing is left.
  void consume(std::size_t count);
  // Drops bytes from the end, so that `size` remain.
  void truncate(std::size_t size) { end_ = begin_ + size; }
  // Empties the buffer and keeps its memory.
  void clear() { begin_ = end_ = 0; }
  // Empties the buffer and gives its memory back.
  void release();

 private:
  void number(std::uint64_t value, std::size_t width);
  void patch(std::size_t at, std::uint64_t value, std::size_t width);
  void grow(std::size_t count);

  std::unique_ptr<std::uint8_t[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// A length field of the TLS presentation language: reserves its bytes when made, and writes the
// size of everything appended since when it leaves its scope.
template <std::size_t width>
class LengthPrefix {
 public:
  static_assert(width >= 1 && width <= 3);

  explicit LengthPrefix(Buffer& out) : out_(out), at_(out.size()) {
    for (std::size_t i = 0; i < width; ++i) out.u8(0);
  }
  LengthPrefix(const LengthPrefix&) = delete;
  LengthPrefix& operator=(const LengthPrefix&) = delete;
  ~LengthPrefix() {
    const auto size = static_cast<std::uint32_t>(out_.size() - at_ - width);
    if constexpr (width == 1) out_.patch_u8(at_, static_cast<std::uint8_t>(size));
    if constexpr (width == 2) out_.patch_u16(at_, static_cast<std::uint16_t>(size));
    if constexpr (width == 3) out_.patch_u24(at_, size);
  }

 private:
  Buffer& out_;
  std::size_t at_;
};

}  // namespace heliograph
