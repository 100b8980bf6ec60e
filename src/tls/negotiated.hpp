// What a handshake has agreed on; outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tls/credential.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"

namespace heliograph::tls {

enum class EarlyDataOutcome : std::uint8_t {
  kNotOffered,
  // What was sent as early data was never read: the client has to send it again.
  kRejected,
  kAccepted,
};

struct Negotiated {
  CipherSuite cipher_suite{};
  NamedGroup group{};
  // Of this side's and of the peer's CertificateVerify; nothing where a side sent none.
  std::optional<SignatureScheme> signature_scheme;
  std::optional<SignatureScheme> peer_signature_scheme;
  bool did_hello_retry = false;
  // A pre-shared key from an earlier connection took the place of the certificates.
  bool resumed = false;
  EarlyDataOutcome early_data = EarlyDataOutcome::kNotOffered;
  // At a server, the SNI host name as the client wrote it, empty if it sent none; at a client, the
  // name or address that it means.
  std::string server_name;
  // The ALPN protocol; empty if none was negotiated.
  std::string application_protocol;
  // Null if the peer sent no certificate, in this connection or in the one that it resumes.
  std::shared_ptr<const Peer> peer;
  // What this side presented, here or in the connection that is resumed; null if nothing.
  std::shared_ptr<const Credential> credential;
  // When the two last proved with their certificates who they are: milliseconds since 1970.
  std::int64_t authenticated_at = 0;
};

}  // namespace heliograph::tls
