#include "crypto/error_queue.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

namespace heliograph::crypto {
namespace {

// Reasons are numbers of their libraries, some of which share numbers.
bool means_missing(unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  if (reason == ERR_R_UNSUPPORTED) return true;
  switch (ERR_GET_LIB(error)) {
    case ERR_LIB_EVP:
      return reason == EVP_R_UNKNOWN_PBE_ALGORITHM || reason == EVP_R_UNSUPPORTED_ALGORITHM ||
             reason == EVP_R_UNSUPPORTED_CIPHER;
    case ERR_LIB_PEM:
      return reason == PEM_R_UNSUPPORTED_ENCRYPTION;
    case ERR_LIB_PKCS12:
      return reason == PKCS12_R_UNKNOWN_DIGEST_ALGORITHM;
    default:
      return false;
  }
}

}  // namespace

bool algorithm_is_missing() {
  bool missing = false;
  while (const unsigned long error = ERR_get_error()) missing |= means_missing(error);
  return missing;
}

}  // namespace heliograph::crypto
