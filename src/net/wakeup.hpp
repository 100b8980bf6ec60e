// Lets one thread wake the loop of another: an eventfd.
#pragma once

#include "net/file_descriptor.hpp"

namespace heliograph::net {

class Wakeup {
 public:
  // Throws std::system_error if the kernel gives no eventfd.
  Wakeup();

  // From any thread; several calls before the loop looks are one wake-up.
  void notify() const;
  // By the loop, when fd() was readable.
  void acknowledge() const;
  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  FileDescriptor event_;
};

}  // namespace heliograph::net
