// The options of `heliograph serve` that are about TLS, and the configuration that they make. They
// are read again on SIGHUP, but for the key log: what has changed counts for connections that begin
// later.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "crypto/certificate.hpp"
#include "tls/credential.hpp"
#include "tls/key_log.hpp"
#include "tls/server_config.hpp"

namespace heliograph::app {

class TlsSettings {
 public:
  void define(CLI::App& command);

  // Presents the demo's certificate instead of what the options name.
  void use_demo_certificate() { demo_ = true; }
  // Reads the files. Throws Failure, which names the file and says what to change.
  [[nodiscard]] std::shared_ptr<const tls::ServerConfig> load();
  // Goes on with the key log that `running` has opened.
  void keep_key_log(const TlsSettings& running);
  // The certificates alone, in the order of --cert. Throws Failure likewise.
  [[nodiscard]] std::vector<crypto::KeyPair> load_pairs() const;
  [[nodiscard]] const std::vector<std::string>& certificates() const { return certificates_; }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

 private:
  [[nodiscard]] std::vector<std::shared_ptr<const tls::Credential>> load_credentials() const;
  [[nodiscard]] static crypto::KeyPair load_pair(const std::string& path,
                                                 std::span<const std::string>& keys,
                                                 std::string_view passphrase);
  void trust_client_authorities(tls::ServerConfig& config) const;
  [[nodiscard]] tls::KeyLog key_log();

  std::vector<std::string> certificates_ = {"server.crt"};
  std::vector<std::string> keys_;
  std::vector<std::string> ocsp_responses_;
  std::string key_passphrase_file_;
  std::string ticket_keys_;
  std::string client_ca_;
  std::string key_log_;
  tls::KeyLog open_key_log_;
  bool demo_ = false;
};

}  // namespace heliograph::app
