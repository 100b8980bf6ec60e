// What lets a connection be resumed: the pre-shared key of a ticket, and everything that resumption
// has to check again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "tls/credential.hpp"
#include "tls/negotiated.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"

namespace heliograph::tls {

// However often a session is resumed, after so many milliseconds the certificates have to be shown
// again: they may have been revoked.
inline constexpr std::int64_t kMaxAuthenticationAge = std::int64_t{7} * 24 * 3600 * 1000;

struct Session {
  CipherSuite cipher_suite{};
  crypto::Secret pre_shared_key;
  // Milliseconds since 1970.
  std::int64_t issued_at = 0;
  std::uint32_t lifetime = 0;  // seconds
  std::uint32_t age_add = 0;
  // Bytes of 0-RTT data that the server takes with this ticket; 0 if none.
  std::uint32_t max_early_data_size = 0;
  std::string server_name;
  std::string application_protocol;
  std::optional<SignatureScheme> peer_signature_scheme;
  // Null if the peer presented no certificate.
  std::shared_ptr<const Peer> peer;
  // When the two last proved with their certificates who they are: milliseconds since 1970.
  // Resuming a session does not renew it.
  std::int64_t authenticated_at = 0;

  // `now`: milliseconds since 1970. A session from the future is as useless as an old one.
  [[nodiscard]] bool is_fresh(std::int64_t now) const;
};

// The session of a connection, without what its ticket says.
Session make_session(const Negotiated& negotiated, crypto::Secret pre_shared_key);
// Makes a connection the continuation of the session.
void resume(const Session& session, Negotiated& negotiated);

// What a client keeps: a session and the ticket that names it to the server.
struct ClientSession {
  Session session;
  std::vector<std::uint8_t> ticket;
  // What the client presented in that connection; null if nothing.
  std::shared_ptr<const Credential> credential;
};

}  // namespace heliograph::tls
