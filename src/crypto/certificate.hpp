// X.509 certificate chains (RFC 5280), as a server presents them. Versions 1 and 3 both load; no
// chain is verified here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/sign.hpp"

namespace heliograph::crypto {

class CertificateChain {
 public:
  // The CERTIFICATE blocks of PEM text, in their order: the leaf comes first. Blocks of other kinds
  // are skipped, so that a file with chain and key loads. Reads no file. The error is one sentence
  // that says cause and cure.
  static Result<CertificateChain, std::string> from_pem(Bytes pem);
  // The same, of certificates in DER, at least one.
  static Result<CertificateChain, std::string> from_der(
      std::vector<std::vector<std::uint8_t>> certificates);

  // Each certificate in DER, leaf first; at least one.
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& certificates() const {
    return certificates_;
  }
  // The issuer of each, a Name in DER.
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& issuers() const { return issuers_; }
  // The leaf's dNSNames (of subjectAltName), in lower case; a first label may be "*".
  [[nodiscard]] const std::vector<std::string>& dns_names() const { return dns_names_; }
  [[nodiscard]] const PublicKey& leaf_key() const { return leaf_key_; }
  // The leaf's validity, in seconds since 1970 (both ends are valid).
  [[nodiscard]] std::int64_t not_before() const { return not_before_; }
  [[nodiscard]] std::int64_t not_after() const { return not_after_; }
  // This is the private key of the leaf.
  [[nodiscard]] bool matches(const PrivateKey& key) const;

 private:
  CertificateChain(std::vector<std::vector<std::uint8_t>> certificates, PublicKey leaf_key);

  std::vector<std::vector<std::uint8_t>> certificates_;
  std::vector<std::vector<std::uint8_t>> issuers_;
  std::vector<std::string> dns_names_;
  PublicKey leaf_key_;
  std::int64_t not_before_ = 0;
  std::int64_t not_after_ = 0;
};

struct KeyPair {
  CertificateChain chain;
  PrivateKey key;
};

// Loads both and checks that the key belongs to the leaf.
Result<KeyPair, std::string> load_key_pair(Bytes chain_pem, Bytes key_pem,
                                           std::string_view passphrase = {});

}  // namespace heliograph::crypto
