// Mask keys for a client's frames. Each "MUST be unpredictable" and "derived from a strong source
// of entropy" (RFC 6455 section 5.3), lest who chooses the payload also chooses what proxies see.
// The generator is asked for many at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ws/mask.hpp"

namespace heliograph::ws {

class MaskKeys {
 public:
  MaskKey next();

 private:
  static constexpr std::size_t kKeys = 64;

  std::array<MaskKey, kKeys> keys_{};
  std::size_t used_ = kKeys;
};

}  // namespace heliograph::ws
