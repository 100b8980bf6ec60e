// Whom to believe: certificate authorities, and the check that a peer's chain leads to one of them
// (RFC 5280 section 6, by libcrypto). Revocation is not checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/peer_certificate.hpp"

namespace heliograph::crypto {

// What the peer did with its certificate: the leaf's extKeyUsage must allow it, if present, and so
// must those of its issuers.
enum class Purpose : std::uint8_t { kServerAuthentication, kClientAuthentication };

enum class TrustError : std::uint8_t {
  // A certificate behind the leaf is not X.509 in DER, or something in one cannot be read.
  kMalformed,
  // No path to a certificate of the store: self-signed, of a strange authority, or an intermediate
  // is missing.
  kUnknownIssuer,
  kExpired,
  kNotYetValid,
  kBadSignature,
  // The leaf is for something else, or an issuer is no authority (CA:FALSE).
  kWrongPurpose,
  kWrongName,
  // A key or a signature's hash is too weak.
  kWeakKey,
  // More certificates than this store follows, or than an issuer's pathLenConstraint allows.
  kChainTooLong,
  // Any other reason: a critical extension that is not known, a name constraint, ...
  kRefused,
};

// One line for a log.
std::string_view describe(TrustError error);

// Immutable, so threads may share one.
//
// Every certificate in the store is a trust anchor, also one that is not self-signed or no
// authority (libcrypto's X509_V_FLAG_PARTIAL_CHAIN): this pins a self-signed server certificate, or
// trusts one intermediate only. An anchor must be valid and strong itself; its own signature does
// not matter.
class TrustStore {
 public:
  // The host's authorities, where libcrypto was built to look for them; the environment's
  // SSL_CERT_FILE and SSL_CERT_DIR override that. Files of the folder are read when a chain first
  // needs them. The error is one sentence that says cause and cure.
  static Result<TrustStore, std::string> system();
  // The CERTIFICATE blocks of PEM text, at least one. The error is one sentence that says cause and
  // cure.
  static Result<TrustStore, std::string> from_pem(Bytes pem);

  // `name`: the DNS name or the IP address, as text, that the leaf's subjectAltName must have;
  // nothing to accept any. A dNSName may have a wildcard as its whole leftmost label, before at
  // least two others; an address matches an iPAddress only, and the subject's commonName never
  // matters (RFC 9525).
  // `now`: seconds since 1970.
  // Of several reasons to refuse, the one returned is of the chain before that of the name.
  [[nodiscard]] Result<void, TrustError> verify(const PeerCertificate& peer, Purpose purpose,
                                                std::optional<std::string_view> name,
                                                std::int64_t now) const;

  // The anchors' subjects, each a Name in DER, for TLS's certificate_authorities; empty for
  // system().
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& subjects() const { return subjects_; }

 private:
  explicit TrustStore(Handle<x509_store_st> store);

  Handle<x509_store_st> store_;
  std::vector<std::vector<std::uint8_t>> subjects_;
};

}  // namespace heliograph::crypto
