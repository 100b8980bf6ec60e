// Where a handshake's random values come from: the system, or a test that replays a published one.
#pragma once

#include <functional>

#include "base/bytes.hpp"
#include "crypto/key_share.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

struct Entropy {
  std::function<void(MutableBytes)> fill_random;
  std::function<crypto::KeyShare(NamedGroup)> make_key_share;
};

// The one of the system.
const Entropy& system_entropy();

}  // namespace heliograph::tls
