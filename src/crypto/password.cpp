#include "crypto/password.hpp"

#include <string>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/algorithms.hpp"

namespace heliograph::crypto {
namespace {

// N is a 64-bit number.
constexpr std::uint32_t kMaxLog2N = 63;

// OSSL_PARAM has no constant form: libcrypto only reads what these point to.
OSSL_PARAM octets(const char* name, Bytes bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

bool derive(EVP_KDF* algorithm, const OSSL_PARAM* params, MutableBytes out) {
  const Handle<EVP_KDF_CTX> context(EVP_KDF_CTX_new(algorithm));
  must(context != nullptr);
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), params) == 1) return true;
  ERR_clear_error();
  return false;
}

}  // namespace

bool scrypt(std::string_view password, Bytes salt, const ScryptParameters& parameters,
            MutableBytes out) {
  if (parameters.log2_n == 0 || parameters.log2_n > kMaxLog2N) return false;
  std::uint64_t n = std::uint64_t{1} << parameters.log2_n;
  std::uint32_t r = parameters.r;
  std::uint32_t p = parameters.p;
  std::uint64_t max_memory = kMaxScryptMemory;
  const OSSL_PARAM params[] = {
      octets(OSSL_KDF_PARAM_PASSWORD, as_bytes(password)),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &max_memory),
      OSSL_PARAM_construct_end()};
  return derive(algorithms().scrypt.get(), params, out);
}

bool pbkdf2_sha256(std::string_view password, Bytes salt, std::uint32_t iterations,
                   MutableBytes out) {
  std::uint64_t count = iterations;
  std::string digest = "SHA256";
  // Without the lower bounds of SP 800-132, which hashes made elsewhere need not respect.
  int rfc_8018_only = 1;
  const OSSL_PARAM params[] = {
      octets(OSSL_KDF_PARAM_PASSWORD, as_bytes(password)),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &count),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &rfc_8018_only),
      OSSL_PARAM_construct_end()};
  return derive(algorithms().pbkdf2.get(), params, out);
}

}  // namespace heliograph::crypto
