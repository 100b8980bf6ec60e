#include "crypto/secret.hpp"

#include <openssl/crypto.h>

namespace heliograph::crypto {

void cleanse(MutableBytes bytes) {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace heliograph::crypto
