// Letters from any thread to one loop, in the order of each sender.
//
// The receiver adds fd() to its poller and takes everything at once: one lock for a batch, and a
// wake-up only for the letter that finds the box empty.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "net/wakeup.hpp"

namespace heliograph::net {

template <class Letter>
class Mailbox {
 public:
  void post(Letter letter) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = letters_.empty();
      letters_.push_back(std::move(letter));
    }
    if (was_empty) wakeup_.notify();
  }

  // Swaps the letters into `taken`, which must be empty (its memory is used again).
  void take(std::vector<Letter>& taken) {
    wakeup_.acknowledge();
    const std::lock_guard lock(mutex_);
    letters_.swap(taken);
  }

  [[nodiscard]] int fd() const { return wakeup_.fd(); }

 private:
  std::mutex mutex_;
  std::vector<Letter> letters_;
  Wakeup wakeup_;
};

}  // namespace heliograph::net
