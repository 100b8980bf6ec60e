// `heliograph check`: what `serve` will need, looked at before it does: certificates and users.
//
// Each check adds its findings, and none ends the others.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "app/findings.hpp"
#include "app/redis_settings.hpp"
#include "app/tls_settings.hpp"

namespace heliograph::app {

class CheckCommand {
 public:
  void define(CLI::App& command);

 private:
  void run(const CLI::App& command) const;
  void check_certificates(Findings& findings) const;
  void check_users(Findings& findings) const;

  TlsSettings tls_;
  RedisSettings redis_;
  std::string users_ = "users";
};

}  // namespace heliograph::app
