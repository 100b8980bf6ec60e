#include "tests/bogo/expectations.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

void check_parameters(const Settings& settings, const Connection& connection) {
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

void check_names(const Settings& settings, const Connection& connection) {
  require_equal(settings.expect_server_name, connection.server_name(), "server name");
  if (settings.expect_no_server_name) require_equal("", connection.server_name(), "server name");
  const auto& protocol =
      settings.server && !settings.decline_alpn ? settings.select_alpn : settings.expect_alpn;
  require_equal(protocol.value_or(""), connection.application_protocol(), "protocol");
}

}  // namespace

// The extended master secret and secure renegotiation are part of TLS 1.3, which does not name
// them: those expectations hold by themselves, and so does that there was no renegotiation.
void check_expectations(const Settings& settings, const Connection& connection) {
  require(!settings.handshake_never_done, "the handshake is complete and should never be");
  require(!settings.expect_hrr || connection.did_hello_retry(), "no HelloRetryRequest");
  require(!settings.expect_no_hrr || !connection.did_hello_retry(), "a HelloRetryRequest");
  require(settings.expect_total_renegotiations == 0, "no renegotiation");
  check_parameters(settings, connection);
  check_names(settings, connection);
}

}  // namespace heliograph::bogo
