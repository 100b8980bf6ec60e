#include "tests/bogo/expectations.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/certificate.hpp"
#include "tests/bogo/files.hpp"
#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw Failure{what};
}

void require_equal(std::optional<std::uint16_t> wanted, std::uint16_t got, const char* what) {
  if (!wanted) return;
  require(*wanted == got,
          std::string(what) + " is " + std::to_string(got) + " and not " + std::to_string(*wanted));
}

void require_equal(const std::optional<std::string>& wanted, std::string_view got,
                   const char* what) {
  if (!wanted) return;
  require(*wanted == got,
          std::string(what) + " is '" + std::string(got) + "' and not '" + *wanted + '\'');
}

void check_parameters(const Settings& settings, const tls::Connection& connection) {
  const auto suite = std::to_underlying(connection.cipher_suite());
  require_equal(settings.expect_cipher, suite, "cipher suite");
#if defined(__x86_64__) || defined(__aarch64__)
  require_equal(settings.expect_cipher_aes, suite, "cipher suite");
#else
  require_equal(settings.expect_cipher_no_aes, suite, "cipher suite");
#endif
  require_equal(settings.expect_version, tls::kVersionTls13, "version");
  require_equal(settings.expect_curve_id, std::to_underlying(connection.group()), "group");
}

void check_names(const Settings& settings, const tls::Connection& connection) {
  require_equal(settings.expect_server_name, connection.server_name(), "server name");
  if (settings.expect_no_server_name) require_equal("", connection.server_name(), "server name");
  const auto& protocol =
      settings.server && !settings.decline_alpn ? settings.select_alpn : settings.expect_alpn;
  require_equal(protocol.value_or(""), connection.application_protocol(), "protocol");
}

void check_resumption(const Settings& settings, bool is_resumption,
                      const tls::Connection& connection) {
  const bool wants_resumption = is_resumption && !settings.expect_session_miss;
  require(connection.resumed() == wants_resumption,
          wants_resumption ? "no session is resumed" : "a session is resumed");
  const bool accepted = connection.negotiated().early_data == tls::EarlyDataOutcome::kAccepted;
  require(!settings.expect_accept_early_data || accepted, "early data is rejected");
  require(!settings.expect_reject_early_data || !accepted, "early data is accepted");
  // Why early data is rejected is not told.
  const auto& reason = settings.expect_early_data_reason;
  require(!reason || (*reason == "accept") == accepted,
          "early data is rejected, or accepted, and should not be");
}

std::vector<std::vector<std::uint8_t>> chain_in(const std::string& path) {
  const std::string pem = read_file(path);
  const auto chain = crypto::CertificateChain::from_pem(as_bytes(pem));
  if (!chain) throw Unimplemented{"a chain: " + chain.error()};
  return chain->certificates();
}

void check_peer(const Settings& settings, const tls::Connection& connection) {
  const tls::Negotiated& negotiated = connection.negotiated();
  const bool wants_peer = !settings.server || settings.require_any_client_certificate;
  require(!settings.expect_no_peer_cert || !negotiated.peer, "a certificate of the peer");
  require(settings.expect_no_peer_cert || !wants_peer || negotiated.peer,
          "no certificate of the peer");
  require(settings.expect_peer_cert_file.empty() ||
              (negotiated.peer &&
               negotiated.peer->certificates == chain_in(settings.expect_peer_cert_file)),
          "another chain of the peer");
  require(!settings.expect_verify_result || !negotiated.peer ||
              negotiated.peer->authorized() != settings.verify_fail,
          "another result of verification");
  if (const auto scheme = settings.expect_peer_signature_algorithm) {
    require(negotiated.peer_signature_scheme.has_value(), "no signature of the peer");
    require_equal(scheme, std::to_underlying(*negotiated.peer_signature_scheme),
                  "signature scheme");
  }
  if (settings.expect_ocsp_response) {
    require(negotiated.peer != nullptr, "no certificate of the peer");
    require_equal(settings.expect_ocsp_response, as_text(negotiated.peer->ocsp_response),
                  "OCSP response");
  }
}

}  // namespace

// The extended master secret and secure renegotiation are part of TLS 1.3, which does not name
// them: those expectations hold by themselves, and so does that there was no renegotiation.
void check_handshake(const Settings& settings, bool is_resumption,
                     const tls::Connection& connection) {
  require(!settings.handshake_never_done, "the handshake is complete and should never be");
  require(!settings.expect_hrr || connection.did_hello_retry(), "no HelloRetryRequest");
  require(!settings.expect_no_hrr || !connection.did_hello_retry(), "a HelloRetryRequest");
  require(settings.expect_total_renegotiations == 0, "no renegotiation");
  check_parameters(settings, connection);
  check_names(settings, connection);
  check_peer(settings, connection);
  check_resumption(settings, is_resumption, connection);
}

// Tickets come in front of the first data at the latest.
void check_session(const Settings& settings, const Endpoint& endpoint) {
  const bool wants_session = !settings.expect_no_session && !settings.shim_shuts_down;
  require(endpoint.has_session() == wants_session, wants_session ? "no session" : "a session");
  if (!wants_session) return;
  require(endpoint.session_takes_early_data() == settings.expect_ticket_supports_early_data,
          "a session with early data, or without, that should not be so");
}

}  // namespace heliograph::bogo
