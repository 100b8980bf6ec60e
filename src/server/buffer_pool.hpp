// Buffers that wait for the next client that has something to be told: an idle client owns none,
// and a busy one does not allocate one for each turn.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/buffer.hpp"

namespace heliograph::server {

class BufferPool {
 public:
  // Gives an empty buffer memory to write to, if there is some.
  void lend(Buffer& buffer) {
    if (buffer.capacity() != 0 || spare_.empty()) return;
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }

  // Takes the memory of an empty buffer.
  void give_back(Buffer& buffer) {
    if (buffer.capacity() == 0) return;
    if (buffer.capacity() <= kMaxSize && spare_.size() < kMaxSpare) {
      spare_.push_back(std::move(buffer));
    } else {
      buffer.release();
    }
  }

 private:
  // What all clients together leave behind when they fall silent.
  static constexpr std::size_t kMaxSpare = 16;
  static constexpr std::size_t kMaxSize = std::size_t{128} * 1024;

  std::vector<Buffer> spare_;
};

}  // namespace heliograph::server
