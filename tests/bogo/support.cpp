#include "tests/bogo/support.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {
namespace {

// To support a flag: act upon its field, and strike it from this list.
constexpr auto kUnsupportedFlags = std::to_array<std::string_view>({
    // Resumption, besides what every connection does.
    "expect-session-id",
    "expect-ticket-age-skew",
    "use-ticket-callback",
    "use-ticket-aead-callback",
    "renew-ticket",
    "skip-ticket",
    "ticket-key",
    "early-write-after-message",
    // What the peer has offered or asked for is not told.
    "expect-client-ca-list",
    "expect-certificate-types",
    "expect-peer-verify-pref",
    "expect-advertised-alpn",
    // Certificates.
    "max-cert-list",
    "retain-only-sha256-client-cert",
    "expect-sha256-client-cert",
    "use-ocsp-callback",
    "set-ocsp-in-callback",
    "decline-ocsp-callback",
    "fail-ocsp-callback",
    "enable-signed-cert-timestamps",
    "signed-cert-timestamps",
    "expect-signed-cert-timestamps",
    "install-cert-compression-algs",
    "install-one-cert-compression-alg",
    // A say in the middle of a handshake.
    "fail-cert-callback",
    "fail-early-callback",
    "install-ddos-callback",
    "fail-ddos-callback",
    "expect-msg-callback",
    "jdk11-workaround",
    // Names.
    "select-empty-alpn",
    "allow-unknown-alpn-protos",
    "no-server-name-ack",
    // Verbs.
    "send-alert",
    "export-traffic-secrets",
    "use-exporter-between-reads",
    "max-send-fragment",
    "peek-then-read",
    // TLS 1.2.
    "tls-unique",
    "renegotiate-ignore",
    "false-start",
    "allow-false-start-without-alpn",
    "expect-no-secure-renegotiation",
    "cipher",
    "fallback-scsv",
    "expect-ticket-renewal",
});

constexpr auto kGroups = std::to_array<std::uint16_t>({0x0017, 0x0018, 0x001d});
constexpr auto kSignatureSchemes =
    std::to_array<std::uint16_t>({0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0807});

// rsa_pkcs1, SHA-1 and MD5 with SHA-1: "They MUST NOT be used in TLS 1.3 handshake signatures" (RFC
// 9846 section 4.3.3). The library knows none of them, and a test that prefers one wants to see
// that it is not used.
constexpr auto kNeverUsedSchemes =
    std::to_array<std::uint16_t>({0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0xff01});

template <class Known>
void require_known(const Known& known, const CodePointList& asked_for, const char* kind) {
  for (const std::uint16_t value : asked_for) {
    if (std::ranges::find(known, value) == known.end()) {
      throw Unimplemented{kind + (' ' + std::to_string(value))};
    }
  }
}

void require_known_schemes(CodePointList schemes) {
  remove_unused_schemes(schemes);
  require_known(kSignatureSchemes, schemes, "signature scheme");
}

// Clients always heed the list of authorities, servers never.
void require_supported_by_servers(const Settings& settings) {
  if (settings.enable_grease) throw Unimplemented{"a server with GREASE"};
  if (std::ranges::any_of(settings.credentials, &CredentialSettings::must_match_issuer)) {
    throw Unimplemented{"a server that heeds certificate_authorities"};
  }
}

void require_supported_by_clients(const Settings& settings) {
  if (settings.use_client_ca_list) throw Unimplemented{"a client that names authorities"};
  if (settings.no_ticket) throw Unimplemented{"a client that refuses tickets"};
  if (settings.verify_fail && !settings.verify_peer) {
    throw Unimplemented{"a client that goes on with a server that it does not believe"};
  }
}

}  // namespace

void remove_unused_schemes(CodePointList& schemes) {
  std::erase_if(schemes, [](std::uint16_t scheme) {
    return std::ranges::find(kNeverUsedSchemes, scheme) != kNeverUsedSchemes.end();
  });
}

bool is_supported(std::string_view flag) {
  return std::ranges::find(kUnsupportedFlags, flag) == kUnsupportedFlags.end();
}

void require_supported(const Settings& settings) {
  if (!settings.allows_tls13()) throw Unimplemented{"TLS 1.2"};
  require_known(kGroups, settings.curves, "group");
  require_known(kGroups, settings.key_shares, "group");
  if (settings.expect_curve_id) require_known(kGroups, {*settings.expect_curve_id}, "group");
  require_known_schemes(settings.verify_prefs);
  if (settings.expect_peer_signature_algorithm) {
    require_known(kSignatureSchemes, {*settings.expect_peer_signature_algorithm},
                  "signature scheme");
  }
  require_known_schemes(settings.default_credential.signing_prefs);
  for (const CredentialSettings& credential : settings.credentials) {
    require_known_schemes(credential.signing_prefs);
  }
  if (settings.server) {
    require_supported_by_servers(settings);
  } else {
    require_supported_by_clients(settings);
  }
}

}  // namespace heliograph::bogo
