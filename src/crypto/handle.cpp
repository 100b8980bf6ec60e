#include "crypto/handle.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace heliograph::crypto {

void Free::operator()(BIGNUM* object) const noexcept {
  BN_clear_free(object);
}
void Free::operator()(BIO* object) const noexcept {
  BIO_free_all(object);
}
void Free::operator()(EC_GROUP* object) const noexcept {
  EC_GROUP_free(object);
}
void Free::operator()(EC_POINT* object) const noexcept {
  EC_POINT_clear_free(object);
}
void Free::operator()(EVP_CIPHER_CTX* object) const noexcept {
  EVP_CIPHER_CTX_free(object);
}
void Free::operator()(EVP_CIPHER* object) const noexcept {
  EVP_CIPHER_free(object);
}
void Free::operator()(EVP_KDF_CTX* object) const noexcept {
  EVP_KDF_CTX_free(object);
}
void Free::operator()(EVP_KDF* object) const noexcept {
  EVP_KDF_free(object);
}
void Free::operator()(EVP_MD_CTX* object) const noexcept {
  EVP_MD_CTX_free(object);
}
void Free::operator()(EVP_MD* object) const noexcept {
  EVP_MD_free(object);
}
void Free::operator()(EVP_PKEY_CTX* object) const noexcept {
  EVP_PKEY_CTX_free(object);
}
void Free::operator()(EVP_PKEY* object) const noexcept {
  EVP_PKEY_free(object);
}
void Free::operator()(PKCS12* object) const noexcept {
  PKCS12_free(object);
}
void Free::operator()(PKCS8_PRIV_KEY_INFO* object) const noexcept {
  PKCS8_PRIV_KEY_INFO_free(object);
}
void Free::operator()(STACK_OF(GENERAL_NAME) * object) const noexcept {
  GENERAL_NAMES_free(object);
}
void Free::operator()(STACK_OF(X509) * object) const noexcept {
  sk_X509_pop_free(object, X509_free);
}
void Free::operator()(X509* object) const noexcept {
  X509_free(object);
}
void Free::operator()(X509_STORE_CTX* object) const noexcept {
  X509_STORE_CTX_free(object);
}
void Free::operator()(X509_STORE* object) const noexcept {
  X509_STORE_free(object);
}
void Free::operator()(X509_SIG* object) const noexcept {
  X509_SIG_free(object);
}

}  // namespace heliograph::crypto
