#include "ws/mask_keys.hpp"

#include "crypto/random.hpp"

namespace heliograph::ws {

MaskKey MaskKeys::next() {
  if (used_ == kKeys) {
    crypto::fill_random({keys_.front().data(), sizeof(keys_)});
    used_ = 0;
  }
  return keys_[used_++];
}

}  // namespace heliograph::ws
