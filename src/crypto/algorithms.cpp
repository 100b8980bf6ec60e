#include "crypto/algorithms.hpp"

#include <exception>
#include <stdexcept>
#include <string>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>

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

Handle<EC_GROUP> curve(int nid, const char* name) {
  return require(EC_GROUP_new_by_curve_name_ex(nullptr, nullptr, nid), name);
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
      p256(curve(NID_X9_62_prime256v1, "P-256")),
      p384(curve(NID_secp384r1, "P-384")),
      x25519_template(require(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), "X25519")) {}

const Algorithms& algorithms() {
  static const Algorithms kTable;
  return kTable;
}

void start() {
  algorithms();
}

void must(bool succeeded) noexcept {
  if (!succeeded) std::terminate();
}

}  // namespace heliograph::crypto
