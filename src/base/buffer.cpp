#include "base/buffer.hpp"

#include <cstring>
#include <utility>

namespace heliograph {

namespace {
constexpr std::size_t kSmallestCapacity = 256;
}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : storage_(std::move(other.storage_)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  storage_ = std::move(other.storage_);
  capacity_ = std::exchange(other.capacity_, 0);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  return *this;
}

void Buffer::append(Bytes bytes) {
  if (bytes.empty()) return;
  std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Buffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) clear();
}

void Buffer::release() {
  storage_.reset();
  capacity_ = begin_ = end_ = 0;
}

void Buffer::number(std::uint64_t value, std::size_t width) {
  prepare(width);
  commit(width);
  patch(size() - width, value, width);
}

void Buffer::patch(std::size_t at, std::uint64_t value, std::size_t width) {
  std::uint8_t* const field = data() + at;
  for (std::size_t i = width; i-- > 0; value >>= 8) field[i] = static_cast<std::uint8_t>(value);
}

void Buffer::grow(std::size_t count) {
  const std::size_t used = size();
  // The room of consumed bytes is used again once what is moved for it is at most four times as
  // much.
  if (capacity_ - used >= count && begin_ >= used / 4) {
    std::memmove(storage_.get(), data(), used);
  } else {
    const std::size_t capacity = std::max({kSmallestCapacity, used + count, used + used / 2});
    auto storage = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (used > 0) std::memcpy(storage.get(), data(), used);
    storage_ = std::move(storage);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = used;
}

}  // namespace heliograph
