// Who the peer is, by its certificate, and who decides whether to believe it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/peer_certificate.hpp"
#include "crypto/trust_store.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// A certificate that the peer has presented and proved to hold the key of.
struct Peer {
  // DER, leaf first.
  std::vector<std::vector<std::uint8_t>> certificates;
  // The OCSP response that was stapled to the leaf, in DER; empty if there was none.
  std::vector<std::uint8_t> ocsp_response;
  crypto::Identity identity;
  // Why the verifier did not believe the certificate, where the configuration lets the connection
  // go on all the same; nothing if the peer is authorized.
  std::optional<Error> refusal;

  [[nodiscard]] bool authorized() const { return !refusal; }
};

// Decides whether a certificate chain is to be believed. Asked by any thread.
class PeerVerifier {
 public:
  PeerVerifier() = default;
  PeerVerifier(const PeerVerifier&) = delete;
  PeerVerifier& operator=(const PeerVerifier&) = delete;
  virtual ~PeerVerifier() = default;

  // `server_name` is the name that the client wants to reach; empty if any will do, and always for
  // the certificate of a client. `now_seconds` since 1970. The error is one of those that begin
  // with kCertificate; its alert tells the peer.
  [[nodiscard]] virtual Result<void, Error> verify(const crypto::PeerCertificate& certificate,
                                                   Bytes ocsp_response,
                                                   std::string_view server_name,
                                                   std::int64_t now_seconds) const = 0;
};

// What the verifier says today of the peer of an earlier connection. `now`: milliseconds.
Result<void, Error> verify_again(const Peer& peer, const PeerVerifier& verifier,
                                 std::string_view server_name, std::int64_t now);

// The one by X.509 chains to trusted authorities.
class ChainVerifier : public PeerVerifier {
 public:
  ChainVerifier(crypto::TrustStore trusted, crypto::Purpose purpose);

  [[nodiscard]] Result<void, Error> verify(const crypto::PeerCertificate& certificate,
                                           Bytes ocsp_response, std::string_view server_name,
                                           std::int64_t now_seconds) const override;

 private:
  crypto::TrustStore trusted_;
  crypto::Purpose purpose_;
};

}  // namespace heliograph::tls
