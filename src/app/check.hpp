// `heliograph check`: what `serve` will need with the same options, looked at before it does.
//
// Each check adds its findings, and none ends the others.
#pragma once

#include <CLI/App.hpp>

#include "app/findings.hpp"
#include "app/serve.hpp"

namespace heliograph::app {

class CheckCommand {
 public:
  void define(CLI::App& command);

 private:
  void run(const CLI::App& command) const;
  void check_certificates(Findings& findings) const;
  void check_users(Findings& findings) const;
  void check_logins(Findings& findings) const;
  void check_options(Findings& findings) const;
  static void check_admin(const server::Options& options, Findings& findings);

  ServeCommand serve_;
};

}  // namespace heliograph::app
