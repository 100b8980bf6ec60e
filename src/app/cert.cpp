#include "app/cert.hpp"

#include <ctime>
#include <iostream>
#include <system_error>

#include "app/client_tls.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "crypto/start.hpp"

namespace heliograph::app {

namespace {

constexpr const char* kCa = "ca";
constexpr const char* kServer = "server";

crypto::NewCertificate require(Result<crypto::NewCertificate, std::string> made) {
  if (!made) throw Failure(EX_DATAERR, made.error());
  return std::move(*made);
}

// "../x" would be written elsewhere, and --force with "ca" would replace the authority.
void check_file_name(const std::string& user) {
  if (user.find('/') != std::string::npos || user.starts_with('.') || user == kCa ||
      user == kServer) {
    throw Failure(EX_DATAERR, "the files of a user are named after it, which '" + user +
                                  "' does not allow: it must not have a '/', start with a '.', or "
                                  "be 'ca' or 'server'");
  }
}

}  // namespace

void CertCommand::define(CLI::App& command) {
  command.require_subcommand(1);
  const auto verb = [this, &command](const char* name, const char* text, int& days, auto action) {
    CLI::App* const sub = command.add_subcommand(name, text);
    sub->add_option("--out", folder_, "Folder for the files, made if there is none")
        ->type_name("FOLDER")
        ->capture_default_str();
    sub->add_option("--days", days, "How long the certificate is valid")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    sub->add_flag("--force", force_, "Replace files that exist");
    sub->callback([this, action] {
      crypto::start();
      (this->*action)();
    });
    return sub;
  };
  const auto issued_by_ca = [this](CLI::App* sub) {
    CLI::Option* const certificate =
        sub->add_option("--ca", ca_, "PEM file with the authority's certificate [ca.crt in --out]")
            ->type_name("FILE");
    CLI::Option* const key =
        sub->add_option("--ca-key", ca_key_, "PEM file with its private key [ca.key in --out]")
            ->type_name("FILE");
    certificate->needs(key);
    key->needs(certificate);
    sub->add_option("--ca-key-passphrase-file", ca_key_passphrase_file_,
                    "File whose first line is the passphrase of that key "
                    "(or set HELIOGRAPH_CA_KEY_PASSPHRASE)")
        ->type_name("FILE");
  };

  verb(kCa, "Make a certificate authority: ca.crt and ca.key", ca_days_, &CertCommand::make_ca)
      ->add_option("--name", ca_name_, "What the authority is called")
      ->capture_default_str();
  CLI::App* const server = verb(kServer, "Make a server's certificate: server.crt and server.key",
                                days_, &CertCommand::make_server);
  server->add_option("--name,NAME", names_, "DNS names and IP addresses of the server")->required();
  issued_by_ca(server);
  CLI::App* const client = verb("client", "Make a user's certificate: USER.crt and USER.key", days_,
                                &CertCommand::make_client);
  client->add_option("--name,USER", user_, "The user")->required();
  issued_by_ca(client);
}

void CertCommand::make_ca() const {
  write(kCa, require(crypto::make_ca(ca_name_, std::time(nullptr), ca_days_)), "the authority");
}

void CertCommand::make_server() const {
  write(kServer, require(crypto::issue_server(load_ca(), names_, std::time(nullptr), days_)),
        "the server");
}

void CertCommand::make_client() const {
  check_file_name(user_);
  write(user_, require(crypto::issue_client(load_ca(), user_, std::time(nullptr), days_)),
        "the user '" + user_ + "'");
}

crypto::KeyPair CertCommand::load_ca() const {
  const std::filesystem::path folder = folder_;
  const std::string certificate = ca_.empty() ? folder / "ca.crt" : std::filesystem::path(ca_);
  const std::string key = ca_key_.empty() ? folder / "ca.key" : std::filesystem::path(ca_key_);
  const auto certificate_pem = read_file_if_present(certificate, "CA certificate");
  if (!certificate_pem) {
    throw Failure(EX_NOINPUT, "there is no '" + certificate +
                                  "': make an authority with 'heliograph cert ca', or name one "
                                  "with --ca and --ca-key");
  }
  const crypto::SecretBytes key_pem = read_secret_file(key, "CA key");
  const crypto::SecretBytes passphrase =
      secret_option(ca_key_passphrase_file_, "HELIOGRAPH_CA_KEY_PASSPHRASE", "passphrase");
  auto ca = crypto::load_key_pair(as_bytes(*certificate_pem), key_pem, as_text(passphrase));
  if (!ca) {
    throw Failure(EX_CONFIG, "cannot use '" + certificate + "' with '" + key + "': " + ca.error());
  }
  return std::move(*ca);
}

void CertCommand::write(const std::string& stem, const crypto::NewCertificate& made,
                        const std::string& whose) const {
  const std::filesystem::path folder = std::filesystem::path(folder_).lexically_normal();
  const std::filesystem::path certificate = (folder / (stem + ".crt")).lexically_normal();
  const std::filesystem::path key = (folder / (stem + ".key")).lexically_normal();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Failure(EX_CANTCREAT,
                  "cannot create the folder '" + folder.string() + "': " + error.message());
  }
  for (const auto& path : {certificate, key}) {
    if (!force_ && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
      throw Failure(EX_CANTCREAT,
                    "there is a file '" + path.string() + "' already: --force replaces it");
    }
  }
  write(key, as_text(made.private_key_pem), true);
  write(certificate, made.certificate_pem, false);
  std::cout << certificate.string() << ": the certificate of " << whose << '\n'
            << key.string() << ": its private key; keep it secret\n";
}

void CertCommand::write(const std::filesystem::path& path, std::string_view content,
                        bool secret) const {
  const Readers readers = secret ? Readers::kOwner : Readers::kEverybody;
  if (force_) {
    replace_file(path, content, readers);
  } else {
    create_file(path, content, readers);
  }
}

}  // namespace heliograph::app
