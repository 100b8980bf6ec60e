// The options of `heliograph serve` that only clients of heliograph.v1 have to do with: the keys of
// login tickets, and what these clients are told to use for ICE.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "signal/ticket.hpp"
#include "signal/turn.hpp"

namespace heliograph::app {

// Throws Failure, which names the file.
signal::LoginKeys load_login_keys(const std::string& path);

class LoginSettings {
 public:
  void define(CLI::App& command);

  // Null if there are none. Throws Failure.
  [[nodiscard]] std::shared_ptr<const signal::LoginKeys> login_keys() const;
  [[nodiscard]] std::shared_ptr<const signal::IceServers> ice() const;

  [[nodiscard]] const std::string& login_key_file() const { return login_key_file_; }
  [[nodiscard]] const std::string& turn_secret_file() const { return turn_secret_file_; }

 private:
  std::string login_key_file_;
  std::vector<std::string> ice_servers_;
  std::string turn_secret_file_;
  std::int64_t turn_ttl_ = 3600;
};

}  // namespace heliograph::app
