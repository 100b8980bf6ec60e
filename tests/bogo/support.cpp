#include "tests/bogo/support.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {
namespace {

// To support a flag: act upon its field, and strike it from this list.
constexpr auto kUnsupportedFlags = std::to_array<std::string_view>({
    // Resumption.
    "resume-count",
    "resumption-delay",
    "expect-session-miss",
    "expect-ticket-renewal",
    "expect-no-session",
    "expect-session-id",
    "expect-no-session-id",
    "expect-ticket-age-skew",
    "reverify-on-resume",
    "use-ticket-callback",
    "use-ticket-aead-callback",
    "renew-ticket",
    "skip-ticket",
    "ticket-key",
    // Early data.
    "enable-early-data",
    "expect-ticket-supports-early-data",
    "expect-accept-early-data",
    "expect-reject-early-data",
    "expect-early-data-reason",
    "early-write-after-message",
    // Client certificates, and their verification.
    "require-any-client-certificate",
    "verify-peer",
    "verify-fail",
    "use-custom-verify-callback",
    "expect-verify-result",
    "verify-prefs",
    "use-client-ca-list",
    "expect-client-ca-list",
    "expect-certificate-types",
    "expect-peer-verify-pref",
    "expect-peer-cert-file",
    "expect-peer-signature-algorithm",
    "expect-no-peer-cert",
    "max-cert-list",
    "retain-only-sha256-client-cert",
    "expect-sha256-client-cert",
    // What is in the Certificate message beside certificates.
    "enable-ocsp-stapling",
    "ocsp-response",
    "expect-ocsp-response",
    "use-ocsp-callback",
    "set-ocsp-in-callback",
    "decline-ocsp-callback",
    "fail-ocsp-callback",
    "enable-signed-cert-timestamps",
    "signed-cert-timestamps",
    "expect-signed-cert-timestamps",
    "install-cert-compression-algs",
    "install-one-cert-compression-alg",
    "must-match-issuer",
    "expect-selected-credential",
    // A say in the middle of a handshake.
    "fail-cert-callback",
    "fail-early-callback",
    "install-ddos-callback",
    "fail-ddos-callback",
    "expect-msg-callback",
    "jdk11-workaround",
    // Names.
    "expect-advertised-alpn",
    "select-empty-alpn",
    // Verbs.
    "key-update",
    "key-update-before-read",
    "send-alert",
    "export-keying-material",
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
    // The client role.
    "host-name",
    "advertise-alpn",
    "allow-unknown-alpn-protos",
    "key-shares",
    "no-key-shares",
    "fallback-scsv",
    "enable-grease",
    "permute-extensions",
    "expect-no-offer-early-data",
});

constexpr auto kGroups = std::to_array<std::uint16_t>({0x0017, 0x0018, 0x001d});
constexpr auto kSignatureSchemes =
    std::to_array<std::uint16_t>({0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0807});

template <class Known>
void require_known(const Known& known, const CodePointList& asked_for, const char* kind) {
  for (const std::uint16_t value : asked_for) {
    if (std::ranges::find(known, value) == known.end()) {
      throw Unimplemented{kind + (' ' + std::to_string(value))};
    }
  }
}

}  // namespace

bool is_supported(std::string_view flag) {
  return std::ranges::find(kUnsupportedFlags, flag) == kUnsupportedFlags.end();
}

void require_supported(const Settings& settings) {
  if (!settings.server) throw Unimplemented{"the client role"};
  if (!settings.allows_tls13()) throw Unimplemented{"TLS 1.2"};
  require_known(kGroups, settings.curves, "group");
  if (settings.expect_curve_id) require_known(kGroups, {*settings.expect_curve_id}, "group");
  require_known(kSignatureSchemes, settings.default_credential.signing_prefs, "signature scheme");
  for (const CredentialSettings& credential : settings.credentials) {
    require_known(kSignatureSchemes, credential.signing_prefs, "signature scheme");
  }
}

}  // namespace heliograph::bogo
