// What a TLS client is configured with: an immutable snapshot that connections share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tls/credential.hpp"
#include "tls/key_log.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"
#include "tls/record.hpp"

namespace heliograph::tls {

struct Entropy;

struct ClientConfig {
  // Who decides whether to believe servers; there is no default.
  explicit ClientConfig(std::shared_ptr<const PeerVerifier> server_verifier)
      : verifier(std::move(server_verifier)) {}

  std::shared_ptr<const PeerVerifier> verifier;
  // Presented to a server that asks: the first that fits what it asks for. Empty: none.
  std::vector<std::shared_ptr<const Credential>> credentials;
  // ALPN, most preferred first. Empty: not offered.
  std::vector<std::string> application_protocols;
  // All most preferred first.
  std::vector<CipherSuite> cipher_suites = {kAllCipherSuites.begin(), kAllCipherSuites.end()};
  std::vector<NamedGroup> groups = {kAllGroups.begin(), kAllGroups.end()};
  std::vector<SignatureScheme> signature_schemes = {kAllSignatureSchemes.begin(),
                                                    kAllSignatureSchemes.end()};
  // The groups to send a share for. Nothing: the most preferred one.
  std::optional<std::vector<NamedGroup>> key_share_groups;

  // Asks the verifier again about the server of a session that is resumed.
  bool verify_on_resumption = false;
  // Offer 0-RTT with sessions that allow it. What is sent so can be replayed by others.
  bool early_data = false;
  // Ask for a stapled OCSP response.
  bool ask_for_status = false;
  // RFC 8879, with zlib: take compressed certificates, and present them.
  bool compress_certificates = true;
  // RFC 8701.
  bool grease = true;
  // Shuffle the extensions, so that nobody depends on their order.
  bool permute_extensions = true;

  // The longest record content to receive, counted with its type (RFC 8449); 64 to 16385.
  std::uint16_t record_size_limit = kMaxPlaintext + 1;
  // Application data is padded to a multiple of this; 0: not at all. At most kMaxPadding.
  std::uint16_t padding_block = 0;
  // Connection::export_keying_material() works; costs each connection one more allocation.
  bool exporters = false;

  KeyLog key_log;
  // Null: the system's. Set by tests that replay published handshakes.
  std::shared_ptr<const Entropy> entropy;
};

}  // namespace heliograph::tls
