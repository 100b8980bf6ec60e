// What a TLS server is configured with: an immutable snapshot that all its connections share.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tls/credential.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

struct Entropy;

struct ServerConfig {
  // At least one. The first whose key can sign with a scheme that the client offers is presented.
  std::vector<std::shared_ptr<const Credential>> credentials;
  // ALPN, most preferred first. Empty: the client's offer is ignored. Otherwise a client that
  // offers protocols and none of these is refused.
  std::vector<std::string> application_protocols;
  // Most preferred first.
  std::vector<CipherSuite> cipher_suites = {CipherSuite::kAes128GcmSha256,
                                            CipherSuite::kAes256GcmSha384,
                                            CipherSuite::kChaCha20Poly1305Sha256};
  // Most preferred first. A group with a share in the ClientHello wins over a more preferred one
  // without: it saves a round trip.
  std::vector<NamedGroup> groups = {NamedGroup::kX25519, NamedGroup::kSecp256r1,
                                    NamedGroup::kSecp384r1};
  // Receives one SSLKEYLOGFILE line (RFC 9850), without line end, per secret of every handshake.
  // Whoever sees these lines can read the traffic. Empty: no secret ever leaves.
  std::function<void(std::string_view line)> key_log;
  // Null: the system's. Set by tests that replay published handshakes.
  std::shared_ptr<const Entropy> entropy;
};

}  // namespace heliograph::tls
