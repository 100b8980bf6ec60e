// The certificate chain that a TLS peer presented. Its leaf is read here, its signatures are not:
// whom it names may be believed only after TrustStore::verify.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/identity.hpp"
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
