// What a TLS server is configured with: an immutable snapshot that all its connections share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tls/credential.hpp"
#include "tls/key_log.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"
#include "tls/record.hpp"

namespace heliograph::tls {

struct Entropy;
class ReplayGuard;
class TicketSealer;

// Whether clients are asked for a certificate. One that is presented must be sound, signed with its
// own key and, except under kReported, believed by the verifier.
enum class ClientCertificates : std::uint8_t {
  kNone,      // not asked for
  kReported,  // asked for; Negotiated::peer says whether it is authorized, and why not
  kOptional,  // asked for; none is fine
  kRequired,
};

struct ServerConfig {
  // At least one. Of those that can sign with a scheme that the client offers, the first whose
  // certificate names the host that the client asks for is presented: exactly, else by a wildcard,
  // else the first of all.
  std::vector<std::shared_ptr<const Credential>> credentials;
  // ALPN, most preferred first. Empty: the client's offer is ignored. Otherwise a client that
  // offers protocols and none of these is refused.
  std::vector<std::string> application_protocols;
  // Most preferred first.
  std::vector<CipherSuite> cipher_suites = {kAllCipherSuites.begin(), kAllCipherSuites.end()};
  // Most preferred first. A group with a share in the ClientHello wins over a more preferred one
  // without: it saves a round trip.
  std::vector<NamedGroup> groups = {kAllGroups.begin(), kAllGroups.end()};
  // What clients may sign with.
  std::vector<SignatureScheme> signature_schemes = {kAllSignatureSchemes.begin(),
                                                    kAllSignatureSchemes.end()};

  ClientCertificates client_certificates = ClientCertificates::kNone;
  // Who is believed. Null: everybody, which only makes sense where the application itself looks at
  // Negotiated::peer.
  std::shared_ptr<const PeerVerifier> verifier;
  // Distinguished names in DER that tell the client which certificate to choose.
  std::vector<std::vector<std::uint8_t>> certificate_authorities;

  // Null: no tickets, no resumption.
  std::shared_ptr<const TicketSealer> tickets;
  std::uint8_t tickets_per_handshake = 2;
  std::uint32_t ticket_lifetime = 7200;  // seconds
  // A ticket is good only under the context in which it was made: change it with the trust
  // configuration.
  std::string session_context;
  // Asks the verifier again about the client of a session that is to be resumed.
  bool verify_on_resumption = false;
  // Bytes of 0-RTT data that a client may send; 0: none. Needs `replay_guard` and tickets.
  std::uint32_t max_early_data_size = 0;
  std::shared_ptr<ReplayGuard> replay_guard;

  // The longest record content to receive, counted with its type (RFC 8449); 64 to 16385.
  std::uint16_t record_size_limit = kMaxPlaintext + 1;
  // Application data is padded to a multiple of this; 0: not at all. At most kMaxPadding.
  std::uint16_t padding_block = 0;
  // RFC 8879, with zlib: present compressed certificates, and take them from clients.
  bool compress_certificates = true;
  // Connection::export_keying_material() works; costs each connection one more allocation.
  bool exporters = false;

  KeyLog key_log;
  // Null: the system's. Set by tests that replay published handshakes.
  std::shared_ptr<const Entropy> entropy;
};

}  // namespace heliograph::tls
