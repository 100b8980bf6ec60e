#include "tls/peer_authentication.hpp"

#include <algorithm>

#include "base/buffer.hpp"

namespace heliograph::tls {
namespace {

Error error_for(crypto::PeerCertificateError error) {
  switch (error) {
    case crypto::PeerCertificateError::kMalformed:
      return Error::kCertificateUnparsable;
    case crypto::PeerCertificateError::kUnsupportedKey:
      return Error::kCertificateUnsupportedKey;
    case crypto::PeerCertificateError::kKeyUsage:
      return Error::kCertificateKeyUsage;
  }
  return Error::kCertificateUnparsable;
}

}  // namespace

Result<void, Error> PeerAuthentication::receive_certificate(const CertificateMessage& message,
                                                            const PeerVerifier* verifier,
                                                            std::string_view server_name,
                                                            std::int64_t now,
                                                            OnRefusal on_refusal) {
  auto certificate = crypto::PeerCertificate::from_der(message.chain);
  if (!certificate) return fail(error_for(certificate.error()));
  Peer peer{certificate->certificates(),
            {message.ocsp_response.begin(), message.ocsp_response.end()},
            certificate->identity(),
            std::nullopt};
  if (verifier != nullptr) {
    const auto verified =
        verifier->verify(*certificate, message.ocsp_response, server_name, now / 1000);
    if (!verified && on_refusal == OnRefusal::kFail) return fail(verified.error());
    if (!verified) peer.refusal = verified.error();
  }
  peer_ = std::make_shared<const Peer>(std::move(peer));
  certificate_ = std::move(*certificate);
  return {};
}

Result<PeerAuthenticated, Error> PeerAuthentication::receive_certificate_verify(
    Bytes body, Bytes transcript_hash) {
  const auto verify = parse_certificate_verify(body);
  if (!verify) return fail(verify.error());
  if (!certificate_) return fail(Error::kInternal);
  const crypto::PublicKey& key = certificate_->key();
  const bool offered = std::ranges::find(schemes_, verify->algorithm) != schemes_.end();
  if (!offered || !crypto::fits(key.type(), verify->algorithm)) {
    return fail(Error::kUnofferedSignatureScheme);
  }
  const Buffer content = signature_content(peer_role_, transcript_hash);
  if (!key.verify(verify->algorithm, content.bytes(), verify->signature)) {
    return fail(Error::kBadSignature);
  }
  scheme_ = verify->algorithm;
  return PeerAuthenticated();
}

}  // namespace heliograph::tls
