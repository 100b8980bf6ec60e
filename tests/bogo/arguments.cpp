#include "tests/bogo/arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "tests/bogo/outcome.hpp"
#include "tests/bogo/support.hpp"

namespace heliograph::bogo {
namespace {

// Where the value of a flag goes.
template <class Owner, class Value>
struct Field {
  Value Owner::* member;
};
template <class Owner>
struct Base64Field {
  std::optional<std::string> Owner::* member;
};
// A new credential is opened: the flags of credentials that follow belong to it.
struct OpenCredential {};
// Says nothing that this shim would do otherwise without it.
struct Ignored {
  bool has_value;
};

using Target = std::variant<
    Field<Settings, bool>, Field<Settings, std::uint16_t>, Field<Settings, int>,
    Field<Settings, std::int64_t>, Field<Settings, std::uint64_t>, Field<Settings, std::string>,
    Field<Settings, CodePointList>, Field<Settings, std::optional<std::uint16_t>>,
    Field<Settings, std::optional<int>>, Field<Settings, std::optional<std::int64_t>>,
    Field<Settings, std::optional<std::size_t>>, Field<Settings, std::optional<std::string>>,
    Base64Field<Settings>, Field<CredentialSettings, bool>, Field<CredentialSettings, std::string>,
    Field<CredentialSettings, CodePointList>, Base64Field<CredentialSettings>, OpenCredential,
    Ignored>;

struct Flag {
  std::string_view name;
  Target target;
};

template <class Owner, class Value>
constexpr Flag flag(std::string_view name, Value Owner::* member) {
  return {name, Field<Owner, Value>{member}};
}

template <class Owner>
constexpr Flag base64(std::string_view name, std::optional<std::string> Owner::* member) {
  return {name, Base64Field<Owner>{member}};
}

constexpr auto kFlags = std::to_array<Flag>({
    flag("port", &Settings::port),
    flag("shim-id", &Settings::shim_id),
    flag("ipv6", &Settings::ipv6),
    flag("server", &Settings::server),
    flag("resume-count", &Settings::resume_count),
    flag("resumption-delay", &Settings::resumption_delay),
    flag("wait-for-debugger", &Settings::wait_for_debugger),

    flag("min-version", &Settings::min_version),
    flag("max-version", &Settings::max_version),
    flag("no-tls13", &Settings::no_tls13),
    flag("no-tls12", &Settings::no_tls12),
    {"no-tls11", Ignored{false}},
    {"no-tls1", Ignored{false}},
    flag("cert-file", &CredentialSettings::cert_file),
    flag("key-file", &CredentialSettings::key_file),
    flag("signing-prefs", &CredentialSettings::signing_prefs),
    base64("ocsp-response", &CredentialSettings::ocsp_response),
    base64("signed-cert-timestamps", &CredentialSettings::signed_cert_timestamps),
    flag("must-match-issuer", &CredentialSettings::must_match_issuer),
    {"new-x509-credential", OpenCredential{}},
    // No chain is built here: the runner's certificates exercise messages, not path validation.
    {"trust-cert", Ignored{true}},
    flag("curves", &Settings::curves),
    flag("key-shares", &Settings::key_shares),
    flag("no-key-shares", &Settings::no_key_shares),
    flag("verify-prefs", &Settings::verify_prefs),
    // The server always goes by its own order.
    {"server-preference", Ignored{false}},
    flag("fallback-scsv", &Settings::fallback_scsv),
    flag("cipher", &Settings::cipher),
    flag("enable-grease", &Settings::enable_grease),
    flag("permute-extensions", &Settings::permute_extensions),

    flag("require-any-client-certificate", &Settings::require_any_client_certificate),
    flag("verify-peer", &Settings::verify_peer),
    flag("verify-fail", &Settings::verify_fail),
    flag("use-custom-verify-callback", &Settings::use_custom_verify_callback),
    flag("expect-verify-result", &Settings::expect_verify_result),
    flag("reverify-on-resume", &Settings::reverify_on_resume),
    flag("use-client-ca-list", &Settings::use_client_ca_list),
    flag("expect-client-ca-list", &Settings::expect_client_ca_list),
    base64("expect-certificate-types", &Settings::expect_certificate_types),
    flag("expect-peer-verify-pref", &Settings::expect_peer_verify_pref),
    flag("expect-peer-cert-file", &Settings::expect_peer_cert_file),
    flag("expect-no-peer-cert", &Settings::expect_no_peer_cert),
    {"use-old-client-cert-callback", Ignored{false}},
    {"use-early-callback", Ignored{false}},
    flag("fail-cert-callback", &Settings::fail_cert_callback),
    flag("fail-early-callback", &Settings::fail_early_callback),
    flag("retain-only-sha256-client-cert", &Settings::retain_only_sha256_client_cert),
    flag("expect-sha256-client-cert", &Settings::expect_sha256_client_cert),
    // The runner looks itself at the certificate that it gets.
    {"expect-selected-credential", Ignored{true}},
    flag("install-cert-compression-algs", &Settings::install_cert_compression_algs),
    flag("install-one-cert-compression-alg", &Settings::install_one_cert_compression_alg),

    flag("enable-ocsp-stapling", &Settings::enable_ocsp_stapling),
    base64("expect-ocsp-response", &Settings::expect_ocsp_response),
    flag("use-ocsp-callback", &Settings::use_ocsp_callback),
    flag("set-ocsp-in-callback", &Settings::set_ocsp_in_callback),
    flag("decline-ocsp-callback", &Settings::decline_ocsp_callback),
    flag("fail-ocsp-callback", &Settings::fail_ocsp_callback),
    flag("enable-signed-cert-timestamps", &Settings::enable_signed_cert_timestamps),
    base64("expect-signed-cert-timestamps", &Settings::expect_signed_cert_timestamps),

    flag("host-name", &Settings::host_name),
    flag("expect-server-name", &Settings::expect_server_name),
    flag("expect-no-server-name", &Settings::expect_no_server_name),
    flag("no-server-name-ack", &Settings::no_server_name_ack),
    flag("advertise-alpn", &Settings::advertise_alpn),
    flag("select-alpn", &Settings::select_alpn),
    flag("expect-alpn", &Settings::expect_alpn),
    flag("expect-advertised-alpn", &Settings::expect_advertised_alpn),
    flag("decline-alpn", &Settings::decline_alpn),
    flag("reject-alpn", &Settings::reject_alpn),
    flag("select-empty-alpn", &Settings::select_empty_alpn),
    flag("allow-unknown-alpn-protos", &Settings::allow_unknown_alpn_protos),

    flag("expect-session-miss", &Settings::expect_session_miss),
    flag("expect-hrr", &Settings::expect_hrr),
    flag("expect-no-hrr", &Settings::expect_no_hrr),
    flag("expect-curve-id", &Settings::expect_curve_id),
    flag("expect-peer-signature-algorithm", &Settings::expect_peer_signature_algorithm),
    flag("expect-cipher-aes", &Settings::expect_cipher_aes),
    flag("expect-cipher-no-aes", &Settings::expect_cipher_no_aes),
    flag("expect-cipher", &Settings::expect_cipher),
    flag("expect-version", &Settings::expect_version),
    flag("expect-extended-master-secret", &Settings::expect_extended_master_secret),
    flag("expect-secure-renegotiation", &Settings::expect_secure_renegotiation),
    flag("expect-no-secure-renegotiation", &Settings::expect_no_secure_renegotiation),
    flag("expect-total-renegotiations", &Settings::expect_total_renegotiations),
    flag("expect-session-id", &Settings::expect_session_id),
    // Servers keep no sessions: all there is of one is in its ticket.
    {"expect-no-session-id", Ignored{false}},
    flag("expect-ticket-renewal", &Settings::expect_ticket_renewal),
    flag("expect-no-session", &Settings::expect_no_session),
    flag("expect-ticket-age-skew", &Settings::expect_ticket_age_skew),
    flag("handshake-never-done", &Settings::handshake_never_done),
    flag("handshake-twice", &Settings::handshake_twice),
    flag("no-op-extra-handshake", &Settings::no_op_extra_handshake),
    flag("expect-no-offer-early-data", &Settings::expect_no_offer_early_data),
    // Renegotiation is refused at all times.
    {"forbid-renegotiation-after-handshake", Ignored{false}},

    flag("no-ticket", &Settings::no_ticket),
    flag("use-ticket-callback", &Settings::use_ticket_callback),
    flag("use-ticket-aead-callback", &Settings::use_ticket_aead_callback),
    flag("renew-ticket", &Settings::renew_ticket),
    flag("skip-ticket", &Settings::skip_ticket),
    base64("ticket-key", &Settings::ticket_key),
    flag("enable-early-data", &Settings::enable_early_data),
    flag("expect-ticket-supports-early-data", &Settings::expect_ticket_supports_early_data),
    flag("expect-accept-early-data", &Settings::expect_accept_early_data),
    flag("expect-reject-early-data", &Settings::expect_reject_early_data),
    flag("expect-early-data-reason", &Settings::expect_early_data_reason),
    flag("early-write-after-message", &Settings::early_write_after_message),
    flag("install-ddos-callback", &Settings::install_ddos_callback),
    flag("fail-ddos-callback", &Settings::fail_ddos_callback),
    flag("jdk11-workaround", &Settings::jdk11_workaround),
    flag("expect-msg-callback", &Settings::expect_msg_callback),

    flag("shim-writes-first", &Settings::shim_writes_first),
    flag("shim-initial-write", &Settings::shim_initial_write),
    flag("repeat-shim-initial-write", &Settings::repeat_shim_initial_write),
    flag("read-with-unfinished-write", &Settings::read_with_unfinished_write),
    flag("key-update", &Settings::key_update),
    flag("key-update-before-read", &Settings::key_update_before_read),
    flag("shim-shuts-down", &Settings::shim_shuts_down),
    flag("check-close-notify", &Settings::check_close_notify),
    flag("send-alert", &Settings::send_alert),
    flag("export-keying-material", &Settings::export_keying_material),
    flag("export-label", &Settings::export_label),
    flag("export-context", &Settings::export_context),
    flag("use-export-context", &Settings::use_export_context),
    flag("use-exporter-between-reads", &Settings::use_exporter_between_reads),
    flag("export-traffic-secrets", &Settings::export_traffic_secrets),
    flag("tls-unique", &Settings::tls_unique),
    flag("max-send-fragment", &Settings::max_send_fragment),
    // Data comes out in whole records: no read has a size.
    {"read-size", Ignored{true}},
    flag("max-cert-list", &Settings::max_cert_list),
    {"partial-write", Ignored{false}},
    flag("write-different-record-sizes", &Settings::write_different_record_sizes),
    flag("async", &Settings::async),
    flag("implicit-handshake", &Settings::implicit_handshake),
    flag("peek-then-read", &Settings::peek_then_read),
    flag("renegotiate-ignore", &Settings::renegotiate_ignore),
    flag("false-start", &Settings::false_start),
    flag("allow-false-start-without-alpn", &Settings::allow_false_start_without_alpn),
});

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

bool has_value(const Flag& flag) {
  return std::visit(Overloaded{
                        []<class Owner>(const Field<Owner, bool>&) { return false; },
                        [](const OpenCredential&) { return false; },
                        [](const Ignored& ignored) { return ignored.has_value; },
                        [](const auto&) { return true; },
                    },
                    flag.target);
}

template <std::integral Number>
void assign(Number& to, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw Unimplemented{"the number " + std::string(text)};
  }
}
void assign(bool& to, std::string_view /*text*/) {
  to = true;
}
void assign(std::string& to, std::string_view text) {
  to = text;
}
void assign(CodePointList& to, std::string_view text) {
  assign(to.emplace_back(), text);
}
template <class Value>
void assign(std::optional<Value>& to, std::string_view text) {
  assign(to.emplace(), text);
}

void assign_base64(std::optional<std::string>& to, std::string_view text) {
  const auto bytes = base64_decode(text);
  if (!bytes) throw Unimplemented{"base64 that cannot be decoded"};
  to = as_text(*bytes);
}

template <class Owner>
Owner& owner_in(Settings& settings) {
  if constexpr (std::same_as<Owner, Settings>) {
    return settings;
  } else {
    return settings.credentials.empty() ? settings.default_credential : settings.credentials.back();
  }
}

void apply(const Flag& flag, std::string_view value, Settings& settings) {
  std::visit(Overloaded{
                 [&]<class Owner, class Value>(const Field<Owner, Value>& field) {
                   assign(owner_in<Owner>(settings).*field.member, value);
                 },
                 [&]<class Owner>(const Base64Field<Owner>& field) {
                   assign_base64(owner_in<Owner>(settings).*field.member, value);
                 },
                 [&](const OpenCredential&) { settings.credentials.emplace_back(); },
                 [](const Ignored&) {},
             },
             flag.target);
}

bool remove_prefix(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

std::vector<Settings*> records_for(std::string_view& name, Arguments& arguments) {
  if (remove_prefix(name, "on-initial-")) return {&arguments.initial};
  if (remove_prefix(name, "on-resume-")) return {&arguments.resume};
  if (remove_prefix(name, "on-retry-")) return {&arguments.retry};
  return {&arguments.initial, &arguments.resume, &arguments.retry};
}

}  // namespace

bool Settings::allows_tls12() const {
  return !no_tls12 && min_version <= 0x0303 && max_version >= 0x0303;
}

bool Settings::allows_tls13() const {
  return !no_tls13 && min_version <= 0x0304 && max_version >= 0x0304;
}

Arguments parse_arguments(const std::vector<std::string_view>& words) {
  Arguments arguments;
  for (auto word = words.begin(); word != words.end(); ++word) {
    std::string_view name = *word;
    if (!remove_prefix(name, "-")) throw Unimplemented{std::string(*word)};
    const bool for_handshaker = remove_prefix(name, "on-handshaker-");
    if (!for_handshaker) remove_prefix(name, "on-shim-");
    const std::vector<Settings*> records = records_for(name, arguments);

    const auto* const flag = std::ranges::find(kFlags, name, &Flag::name);
    if (flag == kFlags.end()) throw Unimplemented{std::string(*word)};
    std::string_view value;
    if (has_value(*flag)) {
      if (++word == words.end()) throw Unimplemented{std::string(name) + " without its value"};
      value = *word;
    }
    if (for_handshaker) continue;
    if (!is_supported(name)) throw Unimplemented{'-' + std::string(name)};
    for (Settings* const settings : records) apply(*flag, value, *settings);
  }
  require_supported(arguments.initial);
  if (arguments.initial.resume_count > 0) {
    require_supported(arguments.resume);
    if (arguments.resume.enable_early_data) require_supported(arguments.retry);
  }
  return arguments;
}

}  // namespace heliograph::bogo
