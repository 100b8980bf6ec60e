// What a TLS server is configured with: an immutable snapshot that all its connections share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tls/config.hpp"

namespace heliograph::tls {

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

// At least one credential is needed, and a verifier where clients are asked for a certificate. Of
// those that can sign with a scheme that the client offers, the first whose certificate names the
// host that the client asks for is presented: exactly, else by a wildcard, else the first of all.
//
// A group with a share in the ClientHello wins over a more preferred one without: it saves a round
// trip. A client that offers protocols of which there is none in application_protocols is refused,
// unless that is empty.
struct ServerConfig : Config {
  ClientCertificates client_certificates = ClientCertificates::kNone;
  // Distinguished names in DER that tell the client which certificate to choose.
  std::vector<std::vector<std::uint8_t>> certificate_authorities;

  // Null: no tickets, no resumption.
  std::shared_ptr<const TicketSealer> tickets;
  // At most one where a ticket was used: that one is to be replaced.
  std::uint8_t tickets_per_handshake = 2;
  std::uint32_t ticket_lifetime = 7200;  // seconds
  // A ticket is good only under the context in which it was made: change it with the trust
  // configuration.
  std::string session_context;
  // Bytes of 0-RTT data that a client may send; 0: none. Needs `replay_guard` and tickets.
  std::uint32_t max_early_data_size = 0;
  std::shared_ptr<ReplayGuard> replay_guard;
};

// Throws std::invalid_argument, which says what is wrong, unless connections can be made with it.
void check(const ServerConfig& config);

}  // namespace heliograph::tls
