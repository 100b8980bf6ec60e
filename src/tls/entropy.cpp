#include "tls/entropy.hpp"

#include "crypto/random.hpp"

namespace heliograph::tls {

const Entropy& system_entropy() {
  static const Entropy kSystem = {crypto::fill_random, crypto::KeyShare::generate};
  return kSystem;
}

}  // namespace heliograph::tls
