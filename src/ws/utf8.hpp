// Incremental validation of UTF-8 (RFC 3629 section 4), failing at the first byte that no valid
// text could have there: overlong forms, surrogates and values past U+10FFFF fail at their second
// byte, long before the character is complete.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace heliograph::ws {

struct Utf8Kernel;

class Utf8Validator {
 public:
  // Takes the bytes that follow those of the last call. False: no valid text starts like this, and
  // the validator is of no further use.
  [[nodiscard]] bool receive(Bytes bytes);
  // By a certain implementation; the other overload takes the best.
  [[nodiscard]] bool receive(Bytes bytes, const Utf8Kernel& kernel);

  // The text so far does not end within a character.
  [[nodiscard]] bool complete() const { return missing_ == 0; }

 private:
  bool receive_bytes(Bytes bytes);
  bool receive_lead(std::uint8_t byte);
  bool receive_continuation(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes that the current character lacks
  std::uint8_t low_ = 0x80;   // the range of the next of them
  std::uint8_t high_ = 0xbf;
};

// Whether `bytes` is a whole valid text.
bool is_utf8(Bytes bytes);

}  // namespace heliograph::ws
