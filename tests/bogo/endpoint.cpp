#include "tests/bogo/endpoint.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "base/reader.hpp"
#include "crypto/certificate.hpp"
#include "tests/bogo/files.hpp"
#include "tests/bogo/outcome.hpp"
#include "tests/bogo/support.hpp"
#include "tls/client_config.hpp"
#include "tls/credential.hpp"
#include "tls/server_config.hpp"
#include "tls/server_name.hpp"

namespace heliograph::bogo {
namespace {

constexpr const char* kProtocolOfNobody = "spoken by nobody";
constexpr std::size_t kReplayGuardCapacity = 64;
// What the runner sends as early data fits, and what it sends beyond does not.
constexpr std::uint32_t kMaxEarlyData = 14336;

// Believes everybody, or nobody: the runner's certificates exercise messages, not path validation.
class Verifier : public tls::PeerVerifier {
 public:
  explicit Verifier(bool refuses) : refuses_(refuses) {}

  Result<void, tls::Error> verify(const crypto::PeerCertificate& /*certificate*/,
                                  Bytes /*ocsp_response*/, std::string_view /*server_name*/,
                                  std::int64_t /*now*/) const override {
    if (refuses_) return fail(tls::Error::kCertificateRefused);
    return {};
  }

 private:
  bool refuses_;
};

template <class CodePoint>
void assign_unless_empty(std::vector<CodePoint>& to, const CodePointList& values) {
  if (values.empty()) return;
  to.clear();
  for (const std::uint16_t value : values) to.push_back(static_cast<CodePoint>(value));
}

crypto::KeyPair load_key_pair(const CredentialSettings& settings) {
  const std::string chain = read_file(settings.cert_file);
  const std::string key = read_file(settings.key_file);
  auto pair = crypto::load_key_pair(as_bytes(chain), as_bytes(key));
  if (!pair) throw Unimplemented{"a credential: " + pair.error()};
  return std::move(*pair);
}

std::shared_ptr<const tls::Credential> load(const CredentialSettings& settings) {
  auto credential =
      tls::make_credential(load_key_pair(settings), as_bytes(settings.ocsp_response.value_or("")));
  if (settings.signing_prefs.empty()) return credential;
  crypto::PrivateKey key = load_key_pair(settings).key;
  std::vector<tls::SignatureScheme> preferred;
  for (const std::uint16_t value : settings.signing_prefs) {
    const auto scheme = static_cast<tls::SignatureScheme>(value);
    if (crypto::fits(key.type(), scheme)) preferred.push_back(scheme);
  }
  return std::make_shared<const tls::Credential>(tls::Credential{.plain = credential->plain,
                                                                 .stapled = credential->stapled,
                                                                 .key = std::move(key),
                                                                 .schemes = std::move(preferred),
                                                                 .dns_names = credential->dns_names,
                                                                 .issuers = credential->issuers});
}

std::vector<std::shared_ptr<const tls::Credential>> load_credentials(const Settings& settings) {
  std::vector<std::shared_ptr<const tls::Credential>> credentials;
  for (const CredentialSettings& credential : settings.credentials) {
    credentials.push_back(load(credential));
  }
  if (!settings.default_credential.cert_file.empty()) {
    credentials.push_back(load(settings.default_credential));
  }
  return credentials;
}

std::vector<std::string> protocols_of_server(const Settings& settings) {
  if (settings.reject_alpn) return {kProtocolOfNobody};
  const bool selects = settings.select_alpn && !settings.select_alpn->empty();
  if (selects && !settings.decline_alpn) return {*settings.select_alpn};
  return {};
}

// From the wire form, each name after its length.
std::vector<std::string> protocols_of_client(const Settings& settings) {
  std::vector<std::string> protocols;
  const std::string list = settings.advertise_alpn.value_or("");
  for (Reader names(as_bytes(list)); !names.empty();) {
    protocols.emplace_back(as_text(names.vector8()));
  }
  return protocols;
}

// Hexadecimal names with commas in between, or a word for none.
std::vector<std::vector<std::uint8_t>> authorities(const Settings& settings) {
  const std::string list = settings.use_client_ca_list.value_or("<NULL>");
  if (list == "<NULL>" || list == "<EMPTY>") return {};
  std::vector<std::vector<std::uint8_t>> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const auto name = hex_decode(std::string_view(list).substr(begin, end - begin));
    if (!name) throw Unimplemented{"hexadecimal text that cannot be decoded"};
    names.push_back(*name);
    begin = end + 1;
  }
  return names;
}

tls::ClientCertificates client_certificates(const Settings& settings) {
  if (settings.require_any_client_certificate) return tls::ClientCertificates::kRequired;
  return settings.verify_peer ? tls::ClientCertificates::kOptional : tls::ClientCertificates::kNone;
}

// What the configurations of both roles have.
template <class Config>
void apply_common(const Settings& settings, Config& config) {
  config.verifier = std::make_shared<const Verifier>(settings.verify_fail);
  config.credentials = load_credentials(settings);
  assign_unless_empty(config.groups, settings.curves);
  if (!settings.verify_prefs.empty()) {
    CodePointList schemes = settings.verify_prefs;
    remove_unused_schemes(schemes);
    config.signature_schemes.clear();
    assign_unless_empty(config.signature_schemes, schemes);
  }
  config.verify_on_resumption = settings.reverify_on_resume;
  config.exporters = settings.export_keying_material > 0;
}

std::shared_ptr<const tls::ServerConfig> server_config(const Settings& settings,
                                                       const Memory& memory) {
  auto config = std::make_shared<tls::ServerConfig>();
  apply_common(settings, *config);
  config->application_protocols = protocols_of_server(settings);
  config->client_certificates = client_certificates(settings);
  config->certificate_authorities = authorities(settings);
  if (!settings.no_ticket) config->tickets = memory.tickets;
  if (settings.enable_early_data) {
    config->max_early_data_size = kMaxEarlyData;
    config->replay_guard = memory.replay_guard;
  }
  return config;
}

std::shared_ptr<const tls::ClientConfig> client_config(const Settings& settings,
                                                       const Settings& retry) {
  auto config = std::make_shared<tls::ClientConfig>(nullptr);
  apply_common(settings, *config);
  if (settings.expect_reject_early_data) {
    config->verifier = std::make_shared<const Verifier>(retry.verify_fail);
  }
  config->application_protocols = protocols_of_client(settings);
  if (settings.no_key_shares || !settings.key_shares.empty()) {
    assign_unless_empty(config->key_share_groups.emplace(), settings.key_shares);
  }
  config->early_data = settings.enable_early_data;
  config->ask_for_status = settings.enable_ocsp_stapling;
  config->grease = settings.enable_grease;
  config->permute_extensions = settings.permute_extensions;
  return config;
}

tls::ServerName server_name(const Settings& settings) {
  if (!settings.host_name) return tls::ServerName::any();
  auto name = tls::ServerName::parse(*settings.host_name);
  if (!name) throw Failure{name.error()};
  return std::move(*name);
}

}  // namespace

Memory make_memory() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.now = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
          .tickets = tls::TicketKeys::generate(),
          .replay_guard = std::make_shared<tls::MemoryReplayGuard>(kReplayGuardCapacity, 0),
          .session = nullptr};
}

Endpoint::Endpoint(const Settings& settings, const Settings& retry, Memory& memory)
    : memory_(memory) {
  if (settings.server) {
    connection_ =
        std::make_unique<tls::ServerConnection>(server_config(settings, memory), memory.now);
    return;
  }
  auto client = std::make_unique<tls::ClientConnection>(
      client_config(settings, retry), server_name(settings), memory.now, memory.session);
  client_ = client.get();
  connection_ = std::move(client);
}

void Endpoint::start(Buffer& output) {
  if (client_ != nullptr) client_->start(output);
}

std::size_t Endpoint::early_data_room() const {
  return client_ != nullptr ? client_->early_data_room() : 0;
}

void Endpoint::send_early_data(Bytes data, Buffer& output) {
  client_->send_early_data({&data, 1}, output);
}

void Endpoint::keep_session() {
  auto sessions = client_->take_sessions(memory_.now);
  if (sessions.empty()) return;
  memory_.session = std::make_shared<const tls::ClientSession>(std::move(sessions.back()));
  has_session_ = true;
}

bool Endpoint::session_takes_early_data() const {
  return has_session_ && memory_.session->session.max_early_data_size > 0;
}

}  // namespace heliograph::bogo
