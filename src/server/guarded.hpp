// A value that several threads use in turn.
#pragma once

#include <mutex>

namespace heliograph::server {

template <class T>
class Guarded {
 public:
  // Calls use(value) while no other thread does.
  template <class Use>
  auto with(Use use) {
    const std::lock_guard lock(mutex_);
    return use(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace heliograph::server
