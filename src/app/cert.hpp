// `heliograph cert`: a small certificate authority, and what it issues to servers and users.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "crypto/certificate.hpp"
#include "crypto/issue.hpp"

namespace heliograph::app {

class CertCommand {
 public:
  // Adds the verbs ca, server and client to `command`.
  void define(CLI::App& command);

 private:
  void make_ca() const;
  void make_server() const;
  void make_client() const;

  [[nodiscard]] crypto::KeyPair load_ca() const;
  // To `<stem>.key` and `<stem>.crt`. `whose` is for the line that says so.
  void write(const std::string& stem, const crypto::NewCertificate& made,
             const std::string& whose) const;
  void write(const std::filesystem::path& path, std::string_view content, bool secret) const;

  std::string ca_name_ = "heliograph CA";
  std::vector<std::string> names_;
  std::string user_;
  std::string folder_ = ".";
  std::string ca_;
  std::string ca_key_;
  std::string ca_key_passphrase_file_;
  int ca_days_ = 3650;
  int days_ = 365;
  bool force_ = false;
};

}  // namespace heliograph::app
