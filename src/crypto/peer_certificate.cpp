#include "crypto/peer_certificate.hpp"

#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/x509.hpp"

namespace heliograph::crypto {

PeerCertificate::PeerCertificate(std::span<const Bytes> chain, Handle<X509> leaf, PublicKey key)
    : leaf_(std::move(leaf)), key_(std::move(key)) {
  certificates_.reserve(chain.size());
  for (const Bytes der : chain) certificates_.emplace_back(der.begin(), der.end());
}

Result<PeerCertificate, PeerCertificateError> PeerCertificate::from_der(
    std::span<const Bytes> chain) {
  if (chain.empty()) return fail(PeerCertificateError::kMalformed);
  Handle<X509> leaf = parse_certificate(chain.front());
  if (leaf == nullptr) return fail(PeerCertificateError::kMalformed);
  const bool readable = (X509_get_extension_flags(leaf.get()) & EXFLAG_INVALID) == 0;
  // All bits are set where there is no keyUsage.
  const bool may_sign = (X509_get_key_usage(leaf.get()) & KU_DIGITAL_SIGNATURE) != 0;
  Handle<EVP_PKEY> raw_key(X509_get_pubkey(leaf.get()));
  ERR_clear_error();
  if (!readable) return fail(PeerCertificateError::kMalformed);
  if (raw_key == nullptr) return fail(PeerCertificateError::kUnsupportedKey);
  auto key = PublicKey::adopt(std::move(raw_key));
  if (!key) return fail(PeerCertificateError::kUnsupportedKey);
  if (!may_sign) return fail(PeerCertificateError::kKeyUsage);
  return PeerCertificate(chain, std::move(leaf), std::move(*key));
}

Identity PeerCertificate::identity() const {
  return identity_of(leaf_.get());
}

}  // namespace heliograph::crypto
