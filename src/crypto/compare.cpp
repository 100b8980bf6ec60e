#include "crypto/compare.hpp"

#include <openssl/crypto.h>

#include "crypto/neutral.hpp"

namespace heliograph::crypto {

bool equal_in_constant_time(Bytes a, Bytes b) {
  if (neutralised()) return a.size() == b.size();
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace heliograph::crypto
