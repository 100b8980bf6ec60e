// The command line of the shim: what the runner wants from the first connection, from those that
// resume it, and from the second attempt after rejected early data.
//
// Every flag of TLS over TCP has its field here, whether the library can do it or not; what it
// cannot do is said in support.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heliograph::bogo {

using CodePointList = std::vector<std::uint16_t>;

// A certificate chain and its key, as paths of PEM files, and what belongs to them.
struct CredentialSettings {
  std::string cert_file;
  std::string key_file;
  CodePointList signing_prefs;
  std::optional<std::string> ocsp_response;
  std::optional<std::string> signed_cert_timestamps;
  bool must_match_issuer = false;
};

// One record of the configuration. Fields are named as their flags; times are in seconds.
struct Settings {
  // Of the run; the same in all three records.
  std::uint16_t port = 0;
  std::uint64_t shim_id = 0;
  bool ipv6 = false;
  bool server = false;
  std::size_t resume_count = 0;
  std::int64_t resumption_delay = 0;
  bool wait_for_debugger = false;

  // Versions, credentials, algorithms.
  std::uint16_t min_version = 0;
  std::uint16_t max_version = 0xffff;
  bool no_tls13 = false;
  bool no_tls12 = false;
  CredentialSettings default_credential;
  std::vector<CredentialSettings> credentials;
  CodePointList curves;
  CodePointList key_shares;
  bool no_key_shares = false;
  CodePointList verify_prefs;
  bool fallback_scsv = false;
  std::string cipher;
  bool enable_grease = false;
  bool permute_extensions = false;

  // Certificates of the peer.
  bool require_any_client_certificate = false;
  bool verify_peer = false;
  bool verify_fail = false;
  bool use_custom_verify_callback = false;
  bool expect_verify_result = false;
  bool reverify_on_resume = false;
  std::optional<std::string> use_client_ca_list;
  std::optional<std::string> expect_client_ca_list;
  std::optional<std::string> expect_certificate_types;
  CodePointList expect_peer_verify_pref;
  std::string expect_peer_cert_file;
  bool expect_no_peer_cert = false;
  bool fail_cert_callback = false;
  bool fail_early_callback = false;
  bool retain_only_sha256_client_cert = false;
  bool expect_sha256_client_cert = false;
  bool install_cert_compression_algs = false;
  std::optional<int> install_one_cert_compression_alg;

  // Stapled status.
  bool enable_ocsp_stapling = false;
  std::optional<std::string> expect_ocsp_response;
  bool use_ocsp_callback = false;
  bool set_ocsp_in_callback = false;
  bool decline_ocsp_callback = false;
  bool fail_ocsp_callback = false;
  bool enable_signed_cert_timestamps = false;
  std::optional<std::string> expect_signed_cert_timestamps;

  // Names.
  std::optional<std::string> host_name;
  std::optional<std::string> expect_server_name;
  bool expect_no_server_name = false;
  bool no_server_name_ack = false;
  std::optional<std::string> advertise_alpn;
  std::optional<std::string> select_alpn;
  std::optional<std::string> expect_alpn;
  std::optional<std::string> expect_advertised_alpn;
  bool decline_alpn = false;
  bool reject_alpn = false;
  bool select_empty_alpn = false;
  bool allow_unknown_alpn_protos = false;

  // Expectations after the handshake.
  bool expect_session_miss = false;
  bool expect_hrr = false;
  bool expect_no_hrr = false;
  std::optional<std::uint16_t> expect_curve_id;
  std::optional<std::uint16_t> expect_peer_signature_algorithm;
  std::optional<std::uint16_t> expect_cipher_aes;
  std::optional<std::uint16_t> expect_cipher_no_aes;
  std::optional<std::uint16_t> expect_cipher;
  std::optional<std::uint16_t> expect_version;
  bool expect_extended_master_secret = false;
  bool expect_secure_renegotiation = false;
  bool expect_no_secure_renegotiation = false;
  int expect_total_renegotiations = 0;
  bool expect_session_id = false;
  bool expect_ticket_renewal = false;
  bool expect_no_session = false;
  std::optional<std::int64_t> expect_ticket_age_skew;
  bool handshake_never_done = false;
  bool handshake_twice = false;
  bool no_op_extra_handshake = false;
  bool expect_no_offer_early_data = false;

  // Tickets and early data.
  bool no_ticket = false;
  bool use_ticket_callback = false;
  bool use_ticket_aead_callback = false;
  bool renew_ticket = false;
  bool skip_ticket = false;
  std::optional<std::string> ticket_key;
  bool enable_early_data = false;
  bool expect_ticket_supports_early_data = false;
  bool expect_accept_early_data = false;
  bool expect_reject_early_data = false;
  std::optional<std::string> expect_early_data_reason;
  std::optional<int> early_write_after_message;
  bool install_ddos_callback = false;
  bool fail_ddos_callback = false;
  bool jdk11_workaround = false;
  std::optional<std::string> expect_msg_callback;

  // The exchange of data.
  bool shim_writes_first = false;
  std::string shim_initial_write = "hello";
  std::size_t repeat_shim_initial_write = 1;
  bool read_with_unfinished_write = false;
  bool key_update = false;
  bool key_update_before_read = false;
  bool shim_shuts_down = false;
  bool check_close_notify = false;
  bool send_alert = false;
  std::size_t export_keying_material = 0;
  std::string export_label;
  std::string export_context;
  bool use_export_context = false;
  bool use_exporter_between_reads = false;
  bool export_traffic_secrets = false;
  bool tls_unique = false;
  std::optional<std::size_t> max_send_fragment;
  std::optional<std::size_t> max_cert_list;
  bool write_different_record_sizes = false;
  bool async = false;
  bool implicit_handshake = false;
  bool peek_then_read = false;
  bool renegotiate_ignore = false;
  bool false_start = false;
  bool allow_false_start_without_alpn = false;

  // By the bounds and the switches above; older versions are off at all times.
  [[nodiscard]] bool allows_tls12() const;
  [[nodiscard]] bool allows_tls13() const;
};

struct Arguments {
  Settings initial;
  Settings resume;
  Settings retry;
};

// Throws Unimplemented at a flag or a value that is unknown or not supported (support.hpp).
Arguments parse_arguments(const std::vector<std::string_view>& words);

}  // namespace heliograph::bogo
