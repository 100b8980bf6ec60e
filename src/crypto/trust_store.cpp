#include "crypto/trust_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ranges>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/algorithms.hpp"
#include "crypto/host_name.hpp"
#include "crypto/x509.hpp"

namespace heliograph::crypto {
namespace {

// How many issuers may stand between the leaf and its anchor: real chains have three at most, and
// each costs a signature to check.
constexpr int kMaxIntermediates = 8;
// A chain of the greatest depth, and some that are not needed. Each is parsed, and tried as the
// issuer of each.
constexpr std::size_t kMaxCertificates = 16;
// libcrypto's level of 112 bits: RSA of 2048 bits, no SHA-1. `is_strong` asks for more.
constexpr int kSecurityLevel = 2;
// Collision resistance of SHA-256.
constexpr int kMinSignatureSecurity = 128;
constexpr int kMinEcBits = 256;

TrustError from_libcrypto(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return TrustError::kUnknownIssuer;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return TrustError::kExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TrustError::kNotYetValid;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
      return TrustError::kBadSignature;
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return TrustError::kWrongPurpose;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return TrustError::kWeakKey;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return TrustError::kChainTooLong;
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_INVALID_EXTENSION:
      return TrustError::kMalformed;
    default:
      return TrustError::kRefused;
  }
}

bool has_strong_key(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  return key != nullptr &&
         (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_bits(key) >= kMinEcBits);
}

bool has_strong_signature(X509* certificate) {
  int security = 0;
  return X509_get_signature_info(certificate, nullptr, nullptr, &security, nullptr) == 1 &&
         security >= kMinSignatureSecurity;
}

// What libcrypto's level lets through: P-224, and SHA-224.
bool is_strong(const STACK_OF(X509) * chain) {
  const int size = sk_X509_num(chain);
  for (int i = 0; i < size; ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (!has_strong_key(certificate)) return false;
    if (i + 1 < size && !has_strong_signature(certificate)) return false;
  }
  return true;
}

bool has_name(X509* leaf, std::string_view name) {
  // The root's dot is not part of the names in a certificate.
  if (name.ends_with('.')) name.remove_suffix(1);
  if (const auto address = ip_from_text(name); !address.empty()) {
    return X509_check_ip(leaf, address.data(), address.size(), 0) == 1;
  }
  // libcrypto takes a name with a leading dot for all names below it.
  if (!is_dns_name(name) || name.starts_with('.')) return false;
  constexpr unsigned kFlags =
      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  return X509_check_host(leaf, name.data(), name.size(), kFlags, nullptr) == 1;
}

// The certificates behind the leaf.
Result<Handle<STACK_OF(X509)>, TrustError> parse_issuers(std::span<const Der> chain) {
  if (chain.size() > kMaxCertificates) return fail(TrustError::kChainTooLong);
  Handle<STACK_OF(X509)> issuers(sk_X509_new_null());
  must(issuers != nullptr);
  for (const Der& der : chain | std::views::drop(1)) {
    Handle<X509> certificate = parse_certificate(der);
    if (certificate == nullptr) return fail(TrustError::kMalformed);
    must(sk_X509_push(issuers.get(), certificate.release()) > 0);
  }
  return issuers;
}

void set_up(X509_STORE_CTX* context, Purpose purpose, std::int64_t now) {
  must(X509_STORE_CTX_set_default(
           context, purpose == Purpose::kServerAuthentication ? "ssl_server" : "ssl_client") == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  must(X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN) == 1);
  X509_VERIFY_PARAM_set_depth(parameters, kMaxIntermediates);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  X509_VERIFY_PARAM_set_time(parameters, now);
}

Result<void, TrustError> verify_chain(X509_STORE_CTX* context) {
  if (X509_verify_cert(context) != 1) {
    return fail(from_libcrypto(X509_STORE_CTX_get_error(context)));
  }
  if (!is_strong(X509_STORE_CTX_get0_chain(context))) return fail(TrustError::kWeakKey);
  return {};
}

Handle<X509_STORE> new_store() {
  Handle<X509_STORE> store(X509_STORE_new());
  must(store != nullptr);
  return store;
}

// libcrypto does not say when it found nothing at its paths.
bool has_system_authorities(X509_STORE* store) {
  if (sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0) return true;
  const char* chosen = std::getenv(X509_get_default_cert_dir_env());
  const std::string_view folders = chosen != nullptr ? chosen : X509_get_default_cert_dir();
  return std::ranges::any_of(folders | std::views::split(':'), [](const auto& part) {
    std::error_code error;
    return std::filesystem::is_directory(std::string_view(part.begin(), part.end()), error);
  });
}

}  // namespace

std::string_view describe(TrustError error) {
  switch (error) {
    case TrustError::kMalformed:
      return "a certificate of the chain is malformed";
    case TrustError::kUnknownIssuer:
      return "the chain does not lead to a trusted authority";
    case TrustError::kExpired:
      return "a certificate of the chain has expired";
    case TrustError::kNotYetValid:
      return "a certificate of the chain is not valid yet";
    case TrustError::kBadSignature:
      return "a signature in the chain is not valid";
    case TrustError::kWrongPurpose:
      return "a certificate of the chain is not meant for this";
    case TrustError::kWrongName:
      return "the certificate is for another name";
    case TrustError::kWeakKey:
      return "a key or hash in the chain is too weak";
    case TrustError::kChainTooLong:
      return "the chain is too long";
    case TrustError::kRefused:
      return "the chain breaks a rule of a certificate in it";
  }
  return "";
}

TrustStore::TrustStore(Handle<X509_STORE> store) : store_(std::move(store)) {}

Result<TrustStore, std::string> TrustStore::system() {
  Handle<X509_STORE> store = new_store();
  const bool found = X509_STORE_set_default_paths(store.get()) == 1;
  ERR_clear_error();
  if (!found || !has_system_authorities(store.get())) {
    return fail(std::string(
        "this host has no trusted authorities: install the package ca-certificates, or name a "
        "file of them in SSL_CERT_FILE"));
  }
  return TrustStore(std::move(store));
}

Result<TrustStore, std::string> TrustStore::from_pem(Bytes pem) {
  const auto blocks = certificate_blocks(pem);
  if (!blocks) return fail(blocks.error());
  if (blocks->empty()) {
    return fail(std::string(
        "the file has no CERTIFICATE block: certificates of authorities in PEM form are needed"));
  }
  TrustStore trust(new_store());
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const Handle<X509> certificate = parse_certificate((*blocks)[i]);
    if (certificate == nullptr) {
      return fail("certificate " + std::to_string(i + 1) +
                  " of the file is damaged, or not in DER: copy it again");
    }
    must(X509_STORE_add_cert(trust.store_.get(), certificate.get()) == 1);
    Der subject = subject_of(certificate.get());
    if (std::ranges::find(trust.subjects_, subject) == trust.subjects_.end()) {
      trust.subjects_.push_back(std::move(subject));
    }
  }
  return trust;
}

Result<void, TrustError> TrustStore::verify(const PeerCertificate& peer, Purpose purpose,
                                            std::optional<std::string_view> name,
                                            std::int64_t now) const {
  const auto issuers = parse_issuers(peer.certificates());
  if (!issuers) return fail(issuers.error());
  const Handle<X509_STORE_CTX> context(X509_STORE_CTX_new());
  must(context != nullptr &&
       X509_STORE_CTX_init(context.get(), store_.get(), peer.leaf_.get(), issuers->get()) == 1);
  set_up(context.get(), purpose, now);
  auto result = verify_chain(context.get());
  if (result && name && !has_name(peer.leaf_.get(), *name)) result = fail(TrustError::kWrongName);
  ERR_clear_error();
  return result;
}

}  // namespace heliograph::crypto
