#include "crypto/certificate_builder.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.hpp"
#include "crypto/algorithms.hpp"
#include "crypto/random.hpp"
#include "crypto/x509.hpp"

namespace heliograph::crypto {
namespace {

constexpr long kX509Version3 = 2;
constexpr int kMaxDays = 3650;
constexpr std::size_t kSerialSize = 16;
constexpr std::int64_t kClockTolerance = 3600;

// Who signs: the certificate itself, or its authority.
struct Signer {
  X509* certificate;
  EVP_PKEY* key;
  KeyType type;
};

template <class Content>
Content content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, data + size};
}

Handle<BIO> memory() {
  Handle<BIO> bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr);
  return bio;
}

std::string to_pem(const X509* certificate) {
  const Handle<BIO> bio = memory();
  must(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return content_of<std::string>(bio.get());
}

SecretBytes to_pem(const EVP_PKEY* key) {
  const Handle<BIO> bio = memory();
  must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return content_of<SecretBytes>(bio.get());
}

Handle<EVP_PKEY> new_key() {
  Handle<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  must(key != nullptr);
  return key;
}

// RFC 5280 section 4.1.2.2: a positive number that no other certificate has.
void set_serial(X509* certificate) {
  std::array<std::uint8_t, kSerialSize> bytes = {};
  fill_random(bytes);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);
  const Handle<BIGNUM> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  must(number != nullptr &&
       BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_validity(X509* certificate, std::int64_t now, int days) {
  std::time_t from = now - kClockTolerance;
  std::time_t start = now;
  must(X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &from) != nullptr &&
       X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, &start) != nullptr);
}

// False if the name is not 1 to 64 characters of UTF-8 (RFC 5280, ub-common-name), or would spoil
// whatever shows it.
bool set_subject(X509* certificate, std::string_view name) {
  const bool shown = std::ranges::none_of(name, [](char character) {
    return (character >= 0 && character < ' ') || character == 0x7f;
  });
  const bool set =
      shown && !name.empty() &&
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 as_bytes(name).data(), static_cast<int>(name.size()), -1, 0) == 1;
  ERR_clear_error();
  return set;
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// RFC 5280 sections 4.2.1.1 and 4.2.1.2. Not every authority of other tools has an identifier.
void add_key_identifiers(X509* certificate, X509* issuer) {
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  if (X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0) {
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  }
}

const EVP_MD* digest_for(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
    case KeyType::kEcP256:
      return algorithms().sha256.get();
    case KeyType::kEcP384:
      return algorithms().sha384.get();
    case KeyType::kEd25519:
      return nullptr;
  }
  return nullptr;
}

void sign(X509* certificate, const Signer& signer) {
  must(X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate)) == 1);
  add_key_identifiers(certificate, signer.certificate);
  must(X509_sign(certificate, signer.key, digest_for(signer.type)) > 0);
}

// The error is one sentence.
Result<void, std::string> check_authority(const KeyPair& authority, X509* certificate,
                                          std::int64_t now) {
  constexpr int kBasicConstraintsSaySo = 1;
  if (X509_check_ca(certificate) != kBasicConstraintsSaySo ||
      (X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN) == 0) {
    return fail(std::string(
        "the authority's certificate may not issue others: make one with 'heliograph cert ca'"));
  }
  if (now >= authority.chain.not_after()) {
    return fail(std::string(
        "the authority's certificate has expired: make a new one with 'heliograph cert ca'"));
  }
  return {};
}

void end_with(X509* certificate, const X509* authority) {
  const ASN1_TIME* end = X509_get0_notAfter(authority);
  if (ASN1_TIME_compare(X509_get0_notAfter(certificate), end) > 0) {
    must(X509_set1_notAfter(certificate, end) == 1);
  }
}

// What a peer needs besides the root that it trusts.
std::string intermediates(const CertificateChain& chain) {
  std::string pem;
  for (const Der& der : chain.certificates()) {
    const Handle<X509> certificate = parse_certificate(der);
    if (subject_of(certificate.get()) != issuer_of(certificate.get())) {
      pem += to_pem(certificate.get());
    }
  }
  return pem;
}

// Everything but what comes from the signer.
Result<Handle<X509>, std::string> build_unsigned(const CertificateDraft& draft, EVP_PKEY* key,
                                                 std::int64_t now, int days) {
  if (days < 1 || days > kMaxDays) return fail(std::string("days must be 1 to 3650"));
  Handle<X509> certificate(X509_new());
  must(certificate != nullptr && X509_set_version(certificate.get(), kX509Version3) == 1 &&
       X509_set_pubkey(certificate.get(), key) == 1);
  set_serial(certificate.get());
  set_validity(certificate.get(), now, days);
  if (!set_subject(certificate.get(), draft.common_name)) {
    return fail("'" + draft.common_name +
                "' cannot be the subject of a certificate: give 1 to 64 characters of UTF-8 "
                "without control characters");
  }
  for (const auto& [nid, value] : draft.extensions) {
    add_extension(certificate.get(), nullptr, nid, value);
  }
  must(draft.alternative_names == nullptr ||
       X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, draft.alternative_names.get(), 0,
                         X509V3_ADD_DEFAULT) == 1);
  return certificate;
}

}  // namespace

CertificateDraft end_entity(std::string common_name, const char* purpose,
                            Handle<GENERAL_NAMES> alternative_names) {
  return {.common_name = std::move(common_name),
          .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature"},
                         {NID_ext_key_usage, purpose}},
          .alternative_names = std::move(alternative_names)};
}

Result<NewCertificate, std::string> build_certificate(const CertificateDraft& draft,
                                                      const KeyPair* authority, std::int64_t now,
                                                      int days) {
  const Handle<EVP_PKEY> key = new_key();
  const auto built = build_unsigned(draft, key.get(), now, days);
  if (!built) return fail(built.error());
  X509* certificate = built->get();
  if (authority == nullptr) {
    sign(certificate, {certificate, key.get(), KeyType::kEcP256});
    return NewCertificate{to_pem(certificate), to_pem(key.get())};
  }
  const Handle<X509> issuer = parse_certificate(authority->chain.certificates().front());
  if (auto checked = check_authority(*authority, issuer.get(), now); !checked) {
    return fail(checked.error());
  }
  // It would look self-signed.
  if (subject_of(certificate) == subject_of(issuer.get())) {
    return fail("'" + draft.common_name + "' is the authority's own name: choose another");
  }
  end_with(certificate, issuer.get());
  sign(certificate, {issuer.get(), authority->key.borrow(), authority->key.type()});
  return NewCertificate{to_pem(certificate) + intermediates(authority->chain), to_pem(key.get())};
}

}  // namespace heliograph::crypto
