#include "crypto/algorithms.hpp"

#include <exception>
#include <stdexcept>
#include <string>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/start.hpp"

namespace heliograph::crypto {
namespace {

template <class T>
Handle<T> require(T* algorithm, const char* name) {
  if (algorithm == nullptr) {
    throw std::runtime_error(std::string("libcrypto does not provide ") + name);
  }
  return Handle<T>(algorithm);
}

Handle<EVP_MD> digest(const char* name) {
  return require(EVP_MD_fetch(nullptr, name, nullptr), name);
}

Handle<EVP_CIPHER> cipher(const char* name) {
  return require(EVP_CIPHER_fetch(nullptr, name, nullptr), name);
}

Handle<EVP_KDF> kdf(const char* name) {
  return require(EVP_KDF_fetch(nullptr, name, nullptr), name);
}

Handle<EVP_PKEY> curve(const char* name) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* parameters = nullptr;
  std::string group = name;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_PKEY_paramgen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_params(context.get(), params) != 1) {
    return require<EVP_PKEY>(nullptr, name);
  }
  EVP_PKEY_generate(context.get(), &parameters);
  return require(parameters, name);
}

}  // namespace

Algorithms::Algorithms()
    : sha1(digest("SHA1")),
      sha256(digest("SHA256")),
      sha384(digest("SHA384")),
      sha512(digest("SHA512")),
      aes_128_gcm(cipher("AES-128-GCM")),
      aes_256_gcm(cipher("AES-256-GCM")),
      chacha20_poly1305(cipher("ChaCha20-Poly1305")),
      scrypt(kdf("SCRYPT")),
      pbkdf2(kdf("PBKDF2")),
      p256_parameters(curve("P-256")),
      p384_parameters(curve("P-384")) {}

const Algorithms& algorithms() {
  static const Algorithms table;
  return table;
}

void start() {
  algorithms();
}

void must(bool succeeded) noexcept {
  if (!succeeded) std::terminate();
}

}  // namespace heliograph::crypto
