#include "tests/crypto/authority.hpp"

#include <ctime>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "crypto/algorithms.hpp"
#include "crypto/x509.hpp"

namespace heliograph::crypto {
namespace {

Handle<EVP_PKEY> new_key(const std::string& kind) {
  if (kind == "RSA-1024") return Handle<EVP_PKEY>(EVP_RSA_gen(1024));
  if (kind == "RSA-2048") return Handle<EVP_PKEY>(EVP_RSA_gen(2048));
  if (kind == "Ed25519") {
    return Handle<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  if (kind != "RSA-PSS") {
    return Handle<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
  }
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_keygen(context.get(), &key) == 1);
  return Handle<EVP_PKEY>(key);
}

void set_time(ASN1_TIME* field, std::int64_t time) {
  std::time_t start = time;
  must(X509_time_adj_ex(field, 0, 0, &start) != nullptr);
}

void add_extension(X509* certificate, const std::string& name, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, nullptr, name.c_str(), value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Everything but issuer and signature.
Issued draft(const Wish& wish) {
  static long serial = 0;
  Issued made;
  made.key = new_key(wish.key);
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  must(made.key != nullptr && certificate != nullptr && X509_set_version(certificate, 2) == 1 &&
       ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) == 1 &&
       X509_set_pubkey(certificate, made.key.get()) == 1);
  set_time(X509_getm_notBefore(certificate), wish.not_before);
  set_time(X509_getm_notAfter(certificate), wish.not_after);
  if (!wish.common_name.empty()) {
    must(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_UTF8, as_bytes(wish.common_name).data(),
                                    static_cast<int>(wish.common_name.size()), -1, 0) == 1);
  }
  for (const auto& [name, value] : wish.extensions) add_extension(certificate, name, value);
  return made;
}

void sign(Issued& made, const X509* issuer, EVP_PKEY* key, const std::string& digest) {
  const EVP_MD* hash = digest.empty() ? nullptr : EVP_get_digestbyname(digest.c_str());
  must(X509_set_issuer_name(made.certificate.get(), X509_get_subject_name(issuer)) == 1 &&
       X509_sign(made.certificate.get(), key, hash) > 0);
  made.der = to_der(made.certificate.get());
}

}  // namespace

std::string Issued::pem() const {
  return "-----BEGIN CERTIFICATE-----\n" + base64_encode(der) + "\n-----END CERTIFICATE-----\n";
}

std::string Issued::key_pem() const {
  unsigned char* der_key = nullptr;
  const int size = i2d_PrivateKey(key.get(), &der_key);
  must(size > 0);
  const std::string body = base64_encode(Bytes(der_key, static_cast<std::size_t>(size)));
  OPENSSL_free(der_key);
  return "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n";
}

Issued issue(const Wish& wish, const Issued& issuer) {
  Issued made = draft(wish);
  sign(made, issuer.certificate.get(), issuer.key.get(), wish.digest);
  return made;
}

Issued issue_self_signed(const Wish& wish) {
  Issued made = draft(wish);
  sign(made, made.certificate.get(), made.key.get(), wish.digest);
  return made;
}

Wish authority(const std::string& name) {
  return {.common_name = name,
          .extensions = {{"basicConstraints", "critical,CA:TRUE"},
                         {"keyUsage", "critical,keyCertSign,cRLSign"}}};
}

Wish server(const std::string& alternative_names) {
  return {.common_name = "a server",
          .extensions = {{"basicConstraints", "critical,CA:FALSE"},
                         {"keyUsage", "critical,digitalSignature"},
                         {"extendedKeyUsage", "serverAuth"},
                         {"subjectAltName", alternative_names}}};
}

Wish client(const std::string& name) {
  return {.common_name = name,
          .extensions = {{"basicConstraints", "critical,CA:FALSE"},
                         {"keyUsage", "critical,digitalSignature"},
                         {"extendedKeyUsage", "clientAuth"}}};
}

}  // namespace heliograph::crypto
