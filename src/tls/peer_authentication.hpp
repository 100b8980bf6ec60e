// How a handshake convinces itself of who the peer is: the certificate is believed, and
// CertificateVerify proves that the peer holds its key. The same for both roles.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/peer_certificate.hpp"
#include "tls/certificate.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"
#include "tls/pre_shared_key.hpp"

namespace heliograph::tls {

class PeerAuthentication;

// The proof that there is nothing left to find out about the peer's identity. Without one no
// handshake completes.
class PeerAuthenticated {
 public:
  // The peer knows the pre-shared key of a session in which it was authenticated.
  explicit PeerAuthenticated(BinderVerified /*proof*/) {}
  // At a client: the server has taken the pre-shared key of a session in which it was
  // authenticated, and its Finished depends on that key.
  static PeerAuthenticated resumed_by_server() { return PeerAuthenticated(); }
  // A server that does not ask who its clients are, or takes those that do not say.
  static PeerAuthenticated anonymous_client() { return PeerAuthenticated(); }

 private:
  PeerAuthenticated() = default;
  friend class PeerAuthentication;
};

// What to do with a certificate that the verifier does not believe.
enum class OnRefusal : std::uint8_t { kFail, kReport };

class PeerAuthentication {
 public:
  // The schemes are those that were offered to the peer.
  PeerAuthentication(Role peer_role, std::span<const SignatureScheme> schemes)
      : peer_role_(peer_role), schemes_(schemes) {}

  // Requires a chain that is not empty. Null as the verifier: every certificate is believed.
  // `now`: milliseconds since 1970.
  Result<void, Error> receive_certificate(const CertificateMessage& message,
                                          const PeerVerifier* verifier,
                                          std::string_view server_name, std::int64_t now,
                                          OnRefusal on_refusal);
  // `transcript_hash` covers everything up to the peer's Certificate.
  Result<PeerAuthenticated, Error> receive_certificate_verify(Bytes body, Bytes transcript_hash);

  // The authenticated peer, and its scheme.
  [[nodiscard]] std::shared_ptr<const Peer> peer() const { return peer_; }
  [[nodiscard]] std::optional<SignatureScheme> scheme() const { return scheme_; }

 private:
  Role peer_role_;
  std::span<const SignatureScheme> schemes_;
  std::optional<crypto::PeerCertificate> certificate_;
  std::shared_ptr<const Peer> peer_;
  std::optional<SignatureScheme> scheme_;
};

}  // namespace heliograph::tls
