#include "crypto/compare.hpp"

#include <openssl/crypto.h>

namespace heliograph::crypto {

bool equal_in_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace heliograph::crypto
