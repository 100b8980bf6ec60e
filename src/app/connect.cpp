#include "app/connect.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "app/client_tls.hpp"
#include "app/conversation.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/key_log.hpp"
#include "app/tls_client.hpp"
#include "crypto/start.hpp"
#include "crypto/trust_store.hpp"
#include "tls/credential.hpp"

namespace heliograph::app {

namespace {

// Believes everybody under --insecure-no-verify, but knows better.
class ServerVerifier : public tls::PeerVerifier {
 public:
  ServerVerifier(crypto::TrustStore trusted, bool insecure)
      : chain_(std::move(trusted), crypto::Purpose::kServerAuthentication), insecure_(insecure) {}

  Result<void, tls::Error> verify(const crypto::PeerCertificate& certificate, Bytes ocsp_response,
                                  std::string_view server_name, std::int64_t now) const override {
    verdict_ = chain_.verify(certificate, ocsp_response, server_name, now);
    return insecure_ ? Result<void, tls::Error>() : verdict_;
  }

  [[nodiscard]] const Result<void, tls::Error>& verdict() const { return verdict_; }

 private:
  tls::ChainVerifier chain_;
  bool insecure_;
  // Of this process's only connection.
  mutable Result<void, tls::Error> verdict_;
};

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

void print_facts(const tls::Negotiated& negotiated, const Result<void, tls::Error>& verdict) {
  const auto line = [](std::string_view name, std::string_view value) {
    std::cerr << name << value << '\n';
  };
  const crypto::Identity& server = negotiated.peer->identity;
  std::vector<std::string> names = server.dns_names;
  names.insert(names.end(), server.ip_addresses.begin(), server.ip_addresses.end());
  const std::string_view protocol = negotiated.application_protocol;
  line("version:   ", "TLS 1.3");
  line("suite:     ", tls::name(negotiated.cipher_suite));
  line("group:     ", tls::name(negotiated.group));
  line("signature: ", tls::name(*negotiated.peer_signature_scheme));
  line("protocol:  ", protocol.empty() ? "none" : protocol);
  line("subject:   ", server.subject.empty() ? "none" : server.subject);
  line("names:     ", list(names));
  line("verified:  ", verdict ? "yes" : "NO: " + std::string(tls::describe(verdict.error())));
}

}  // namespace

void ConnectCommand::define(CLI::App& command) {
  command.add_option("URL", url_, "tls://HOST[:PORT], https://HOST[:PORT]/PATH or wss://…")
      ->required();
  command
      .add_option("--ca", ca_, "PEM file with the authorities to trust, instead of the system's")
      ->type_name("FILE");
  CLI::Option* const certificate =
      command.add_option("--cert", certificate_, "PEM file with the client's certificate chain")
          ->type_name("FILE");
  CLI::Option* const key =
      command.add_option("--key", key_, "PEM file with its private key")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  command
      .add_option("--key-passphrase-file", key_passphrase_file_,
                  "File whose first line is the passphrase of that key "
                  "(or set HELIOGRAPH_KEY_PASSPHRASE)")
      ->type_name("FILE");
  command.add_option("--name", name_, "The name or address in the server's certificate [HOST]");
  command.add_option("--alpn", protocols_, "Protocols to offer, most preferred first")
      ->delimiter(',');
  command.add_option("--groups", groups_, "Groups to offer, most preferred first")->delimiter(',');
  command
      .add_option("--key-log", key_log_,
                  "File to which the secrets of the session are written, for debugging only")
      ->type_name("FILE");
  command.add_flag("--insecure-no-verify", insecure_,
                   "Believe any certificate: whoever is on the way reads and changes everything");
  command.callback([this] { run(); });
}

void ConnectCommand::run() const {
  crypto::start();
  const auto url = parse_server_url(url_);
  if (!url) throw Failure(EX_USAGE, url.error());
  const auto name = tls::ServerName::parse(name_.empty() ? url->host : name_);
  if (!name) throw Failure(EX_USAGE, name.error());
  const auto verifier = std::make_shared<ServerVerifier>(load_trusted(ca_), insecure_);
  auto config = std::make_shared<tls::ClientConfig>(verifier);
  configure(*url, *config);
  if (insecure_) {
    std::cerr << "heliograph: WARNING: --insecure-no-verify: the server may be anybody\n";
  }

  TlsClient server(*url, *name, std::move(config));
  print_facts(server.negotiated(), verifier->verdict());
  switch (url->scheme) {
    case ServerUrl::Scheme::kTls:
      return copy_streams(server);
    case ServerUrl::Scheme::kHttps:
      return get_page(server, *url);
    case ServerUrl::Scheme::kWss:
      return exchange_messages(server, *url);
  }
}

void ConnectCommand::configure(const ServerUrl& url, tls::ClientConfig& config) const {
  config.application_protocols = protocols_;
  if (protocols_.empty() && url.scheme != ServerUrl::Scheme::kTls) {
    config.application_protocols = {"http/1.1"};
  }
  if (!groups_.empty()) config.groups = groups();
  if (!key_log_.empty()) config.key_log = open_key_log(key_log_);
  if (certificate_.empty()) return;
  config.credentials = {load_client_credential(
      certificate_, key_,
      secret_option(key_passphrase_file_, "HELIOGRAPH_KEY_PASSPHRASE", "passphrase"))};
}

std::vector<tls::NamedGroup> ConnectCommand::groups() const {
  std::vector<tls::NamedGroup> groups;
  for (const std::string& text : groups_) {
    const auto known = std::ranges::find(tls::kAllGroups, text,
                                         [](tls::NamedGroup group) { return tls::name(group); });
    if (known == tls::kAllGroups.end()) {
      std::vector<std::string> names;
      names.reserve(tls::kAllGroups.size());
      for (const tls::NamedGroup group : tls::kAllGroups) names.emplace_back(tls::name(group));
      throw Failure(EX_USAGE, "--groups: there is no '" + text + "', only " + list(names));
    }
    groups.push_back(*known);
  }
  return groups;
}

}  // namespace heliograph::app
