// What keeps the front of a record or message until the rest of it has arrived.
//
// While nothing is kept, units are taken straight out of the input, without a copy. Only when the
// input ends inside a unit are its bytes moved here, into memory that exists until the unit is
// done with.
#pragma once

#include <cstddef>
#include <optional>

#include "base/buffer.hpp"
#include "base/bytes.hpp"

namespace heliograph::tls {

class Spill {
 public:
  // The first `count` bytes of the unit that starts here, if they have arrived. Otherwise all of
  // `input` has been moved into the spill.
  std::optional<MutableBytes> peek(std::size_t count, MutableBytes& input) {
    if (kept_.empty() && input.size() >= count) return input.first(count);
    return collect(count, input);
  }

  // Removes the unit of `count` bytes that peek() has just returned. The view stays valid until
  // the next call of release_taken() or peek().
  void take(std::size_t count, MutableBytes& input);

  // Gives back the memory of the unit that was taken last, if it was kept here.
  void release_taken();

  // The front of a unit is kept, and the rest has not arrived.
  [[nodiscard]] bool holds_partial() const { return !taken_ && !kept_.empty(); }
  [[nodiscard]] std::size_t size() const { return kept_.size(); }

 private:
  // peek() where something is kept, or has to be.
  std::optional<MutableBytes> collect(std::size_t count, MutableBytes& input);

  Buffer kept_;
  bool taken_ = false;
};

}  // namespace heliograph::tls
