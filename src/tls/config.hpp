// What the configurations of both roles have in common.
#pragma once

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

// Each list has the most preferred first.
struct Config {
  // Decides whether to believe the certificates of peers.
  std::shared_ptr<const PeerVerifier> verifier;
  std::vector<std::shared_ptr<const Credential>> credentials;
  // ALPN; empty: not spoken of.
  std::vector<std::string> application_protocols;
  std::vector<CipherSuite> cipher_suites = {kAllCipherSuites.begin(), kAllCipherSuites.end()};
  std::vector<NamedGroup> groups = {kAllGroups.begin(), kAllGroups.end()};
  // What peers may sign CertificateVerify with.
  std::vector<SignatureScheme> signature_schemes = {kAllSignatureSchemes.begin(),
                                                    kAllSignatureSchemes.end()};

  // A session is resumed only if the verifier still says what it said of the peer's certificate.
  bool verify_on_resumption = true;
  // RFC 8879, with zlib: present compressed certificates, and take them.
  bool compress_certificates = true;
  // The longest record content to receive, counted with its type (RFC 8449); 64 to 16385. It holds
  // if the peer knows the extension.
  std::uint16_t record_size_limit = kMaxPlaintext + 1;
  // Application data is padded to a multiple of this; 0: not at all. At most kMaxPadding.
  std::uint16_t padding_block = 0;
  // Connection::export_keying_material() works; costs each connection one more allocation.
  bool exporters = false;

  KeyLog key_log;
  // Null: the system's. Set by tests that replay published handshakes.
  std::shared_ptr<const Entropy> entropy;
};

// Throws std::invalid_argument, which says what is wrong, unless connections can be made with it.
void check(const Config& config);

}  // namespace heliograph::tls
