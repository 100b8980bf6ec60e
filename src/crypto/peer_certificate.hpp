// The certificate chain that a TLS peer presented. Its leaf is read here, its signatures are not:
// whom it names may be believed only after TrustStore::verify.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/sign.hpp"

namespace heliograph::crypto {

enum class PeerCertificateError : std::uint8_t {
  // The leaf is not one X.509 certificate in DER, or an extension of it cannot be read.
  kMalformed,
  // The leaf's key is none that PublicKey takes: an RSA key bound to PSS, P-521, RSA of 1024 bits.
  kUnsupportedKey,
  // The leaf has a keyUsage without digitalSignature.
  kKeyUsage,
};

// Whom a certificate names.
struct Identity {
  // In the text form of RFC 2253, with control characters and what is not ASCII escaped. Empty if
  // there is none, or if it cannot be written as text.
  std::string subject;
  // From subjectAltName, in its order; addresses in their usual text form. Names with characters
  // that none of their kind has (zero bytes, control characters, spaces, non-ASCII) are left out.
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> email_addresses;
  std::vector<std::string> uris;
};

class PeerCertificate {
 public:
  // `chain`: DER, leaf first, at least one. Only the leaf is looked into.
  static Result<PeerCertificate, PeerCertificateError> from_der(std::span<const Bytes> chain);

  // The leaf's.
  [[nodiscard]] const PublicKey& key() const { return key_; }
  [[nodiscard]] Identity identity() const;
  // DER as received, leaf first.
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& certificates() const {
    return certificates_;
  }

 private:
  friend class TrustStore;
  PeerCertificate(std::span<const Bytes> chain, Handle<x509_st> leaf, PublicKey key);

  std::vector<std::vector<std::uint8_t>> certificates_;
  Handle<x509_st> leaf_;
  PublicKey key_;
};

}  // namespace heliograph::crypto
