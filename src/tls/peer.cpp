#include "tls/peer.hpp"

#include <utility>

namespace heliograph::tls {
namespace {

Error error_for(crypto::TrustError error) {
  switch (error) {
    case crypto::TrustError::kUnknownIssuer:
      return Error::kCertificateUnknownIssuer;
    case crypto::TrustError::kExpired:
      return Error::kCertificateExpired;
    case crypto::TrustError::kNotYetValid:
      return Error::kCertificateNotYetValid;
    case crypto::TrustError::kWrongName:
      return Error::kCertificateWrongName;
    case crypto::TrustError::kWrongPurpose:
      return Error::kCertificateWrongPurpose;
    case crypto::TrustError::kMalformed:
    case crypto::TrustError::kBadSignature:
    case crypto::TrustError::kWeakKey:
    case crypto::TrustError::kChainTooLong:
      return Error::kCertificateInvalid;
    case crypto::TrustError::kRefused:
      return Error::kCertificateRefused;
  }
  return Error::kCertificateRefused;
}

}  // namespace

Result<void, Error> verify_again(const Peer& peer, const PeerVerifier& verifier,
                                 std::string_view server_name, std::int64_t now) {
  const std::vector<Bytes> chain(peer.certificates.begin(), peer.certificates.end());
  const auto certificate = crypto::PeerCertificate::from_der(chain);
  if (!certificate) return fail(Error::kCertificateUnparsable);
  return verifier.verify(*certificate, peer.ocsp_response, server_name, now / 1000);
}

ChainVerifier::ChainVerifier(crypto::TrustStore trusted, crypto::Purpose purpose)
    : trusted_(std::move(trusted)), purpose_(purpose) {}

Result<void, Error> ChainVerifier::verify(const crypto::PeerCertificate& certificate,
                                          Bytes /*ocsp_response*/, std::string_view server_name,
                                          std::int64_t now_seconds) const {
  std::optional<std::string_view> name;
  if (!server_name.empty()) name = server_name;
  const auto verified = trusted_.verify(certificate, purpose_, name, now_seconds);
  if (!verified) return fail(error_for(verified.error()));
  return {};
}

}  // namespace heliograph::tls
