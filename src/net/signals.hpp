// Process signals as a descriptor that a loop can watch.
#pragma once

#include <initializer_list>
#include <optional>

#include "net/file_descriptor.hpp"

namespace heliograph::net {

class Signals {
 public:
  // Blocks `numbers` for this thread and those that it starts later. Throws std::system_error.
  Signals(std::initializer_list<int> numbers);

  // The next signal that has arrived, if any; does not block.
  [[nodiscard]] std::optional<int> take() const;
  [[nodiscard]] int fd() const { return signals_.get(); }

 private:
  FileDescriptor signals_;
};

}  // namespace heliograph::net
