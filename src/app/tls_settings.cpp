#include "app/tls_settings.hpp"

#include <ctime>
#include <utility>

#include "app/client_tls.hpp"
#include "app/demo.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/key_log.hpp"
#include "base/hex.hpp"
#include "crypto/certificate.hpp"
#include "crypto/hash.hpp"
#include "crypto/pkcs12.hpp"
#include "crypto/trust_store.hpp"
#include "server/log.hpp"
#include "tls/peer.hpp"
#include "tls/ticket.hpp"

namespace heliograph::app {
namespace {

// DER begins with a SEQUENCE, and no PEM text does.
bool is_pkcs12(std::string_view file) {
  return file.starts_with('\x30');
}

void warn_about_validity(const crypto::CertificateChain& chain, const std::string& path) {
  const std::int64_t now = std::time(nullptr);
  if (now > chain.not_after()) {
    server::log::warn("certificate_expired", {{"file", server::log::Word(path)}});
  } else if (now < chain.not_before()) {
    server::log::warn("certificate_not_yet_valid", {{"file", server::log::Word(path)}});
  }
}

}  // namespace

void TlsSettings::define(CLI::App& command) {
  command
      .add_option("--cert", certificates_,
                  "PEM file with the certificate chain, or a PKCS#12 file with chain and key; "
                  "several for several names or kinds of key")
      ->type_name("FILE")
      ->option_text(
          "Of several, the one whose name fits what the client asks for is presented, exactly or "
          "by a wildcard, else the first, and of several for one name the first that the client "
          "can verify.")
      ->envname("HELIOGRAPH_CERT")
      ->delimiter(',')
      ->capture_default_str();
  command
      .add_option("--key", keys_,
                  "PEM file with the private key, one for each --cert that is PEM, in their order")
      ->type_name("FILE")
      ->option_text("RSA, ECDSA P-256 or P-384, or Ed25519.")
      ->default_str("server.key")
      ->envname("HELIOGRAPH_KEY")
      ->delimiter(',');
  command
      .add_option("--key-passphrase-file", key_passphrase_file_,
                  "File whose first line is the passphrase of the key "
                  "(or set HELIOGRAPH_KEY_PASSPHRASE)")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_KEY_PASSPHRASE_FILE");
  command
      .add_option(
          "--ocsp", ocsp_responses_,
          "File with an OCSP response in DER to staple, one for each --cert, in their order")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_OCSP")
      ->delimiter(',');
  command
      .add_option("--ticket-keys", ticket_keys_,
                  "File of 144 random bytes that servers share so that each resumes the others' "
                  "sessions; without it keys are made at the start and rotated")
      ->type_name("FILE")
      ->option_text(
          "Current, previous and next key, 48 bytes each (`openssl rand -out FILE 144`); keys of "
          "the server's own are rotated every two hours.")
      ->envname("HELIOGRAPH_TICKET_KEYS");
  command
      .add_option("--client-ca", client_ca_,
                  "PEM file with the authorities whose certificates let users in; clients may then "
                  "present one, as 'heliograph cert client' makes them")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_CLIENT_CA");
  command
      .add_option("--key-log", key_log_,
                  "File to which the secrets of every TLS session are written, for debugging only")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_KEY_LOG");
}

std::shared_ptr<const tls::ServerConfig> TlsSettings::load() {
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials = naming_option("--cert, --key", [this] { return load_credentials(); });
  config->application_protocols = {"http/1.1"};
  if (!ticket_keys_.empty()) {
    auto keys = tls::TicketKeys::import(naming_option(
        "--ticket-keys", [this] { return read_secret_file(ticket_keys_, "ticket keys"); }));
    if (!keys) {
      throw Failure(EX_CONFIG, "--ticket-keys: cannot use '" + ticket_keys_ + "': " + keys.error() +
                                   "; make it with 'openssl rand -out FILE 144'");
    }
    config->tickets = std::move(*keys);
  }
  if (!client_ca_.empty()) {
    naming_option("--client-ca", [&] { trust_client_authorities(*config); });
  }
  config->key_log = key_log();
  return config;
}

// A session that began under other authorities is not resumed.
void TlsSettings::trust_client_authorities(tls::ServerConfig& config) const {
  const std::string pem = read_file(client_ca_, "client authorities");
  auto trusted = crypto::TrustStore::from_pem(as_bytes(pem));
  if (!trusted) throw Failure(EX_CONFIG, "cannot use '" + client_ca_ + "': " + trusted.error());
  config.certificate_authorities = trusted->subjects();
  config.verifier = std::make_shared<tls::ChainVerifier>(std::move(*trusted),
                                                         crypto::Purpose::kClientAuthentication);
  config.client_certificates = tls::ClientCertificates::kOptional;
  config.session_context =
      hex_encode(crypto::hash(crypto::HashAlgorithm::kSha256, as_bytes(pem)).bytes());
}

void TlsSettings::keep_key_log(const TlsSettings& running) {
  key_log_ = running.key_log_;
  open_key_log_ = running.open_key_log_;
}

// Opened once: connections of before a reload write to the same file.
tls::KeyLog TlsSettings::key_log() {
  if (!key_log_.empty() && !open_key_log_) {
    open_key_log_ = open_key_log(key_log_);
    server::log::warn("key_log", {{"file", server::log::Word(key_log_)},
                                  {"note", "whoever reads it can read all traffic"}});
  }
  return open_key_log_;
}

std::vector<std::shared_ptr<const tls::Credential>> TlsSettings::load_credentials() const {
  if (demo_) {
    const DemoCertificate demo = demo_certificate();
    return {tls::load_credential(as_bytes(demo.certificate_pem), demo.key_pem, {}).value()};
  }
  std::vector<std::shared_ptr<const tls::Credential>> credentials;
  for (crypto::KeyPair& pair : load_pairs()) {
    std::string ocsp_response;
    if (const std::size_t i = credentials.size(); i < ocsp_responses_.size()) {
      ocsp_response = read_file(ocsp_responses_[i], "OCSP response");
    }
    credentials.push_back(tls::make_credential(std::move(pair), as_bytes(ocsp_response)));
  }
  if (ocsp_responses_.size() > certificates_.size()) {
    throw Failure(EX_USAGE, "there is no --cert for the OCSP response '" +
                                ocsp_responses_[certificates_.size()] + "'");
  }
  return credentials;
}

std::vector<crypto::KeyPair> TlsSettings::load_pairs() const {
  const crypto::SecretBytes passphrase =
      secret_option(key_passphrase_file_, "HELIOGRAPH_KEY_PASSPHRASE", "passphrase");
  const std::vector<std::string> default_keys = {"server.key"};
  std::span<const std::string> keys = keys_.empty() ? default_keys : keys_;
  std::vector<crypto::KeyPair> pairs;
  pairs.reserve(certificates_.size());
  for (const std::string& certificate : certificates_) {
    pairs.push_back(load_pair(certificate, keys, as_text(passphrase)));
  }
  if (!keys_.empty() && !keys.empty()) {
    throw Failure(EX_USAGE, "there is no --cert for the key '" + keys.front() + "'");
  }
  return pairs;
}

// Takes the key of a PEM certificate from the front of `keys`.
crypto::KeyPair TlsSettings::load_pair(const std::string& path, std::span<const std::string>& keys,
                                       std::string_view passphrase) {
  const crypto::SecretBytes certificate = read_secret_file(path, "certificate");
  if (is_pkcs12(as_text(certificate))) {
    auto pair = crypto::load_pkcs12(certificate, passphrase);
    if (!pair) throw Failure(EX_CONFIG, "cannot use '" + path + "': " + pair.error());
    warn_about_validity(pair->chain, path);
    return std::move(*pair);
  }
  if (keys.empty()) {
    throw Failure(EX_USAGE, "there is no --key for the certificate '" + path + "'");
  }
  const std::string& key_path = keys.front();
  keys = keys.subspan(1);
  const crypto::SecretBytes key = read_secret_file(key_path, "key");
  auto pair = crypto::load_key_pair(certificate, key, passphrase);
  if (!pair) {
    throw Failure(EX_CONFIG, "cannot use '" + path + "' with '" + key_path + "': " + pair.error());
  }
  warn_about_validity(pair->chain, path);
  return std::move(*pair);
}

}  // namespace heliograph::app
