// `heliograph connect`: a TLS client for looking at servers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "app/server_url.hpp"
#include "tls/client_config.hpp"

namespace heliograph::app {

class ConnectCommand {
 public:
  void define(CLI::App& command);

 private:
  void run() const;
  void configure(const ServerUrl& url, tls::ClientConfig& config) const;
  [[nodiscard]] std::vector<tls::NamedGroup> groups() const;

  std::string url_;
  std::string ca_;
  std::string certificate_;
  std::string key_;
  std::string key_passphrase_file_;
  std::string name_;
  std::vector<std::string> protocols_;
  std::vector<std::string> groups_;
  std::string key_log_;
  bool insecure_ = false;
};

}  // namespace heliograph::app
