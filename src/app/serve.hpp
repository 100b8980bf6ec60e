// `heliograph serve`: options, what they load, and the server that runs with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "app/login_settings.hpp"
#include "app/redis_settings.hpp"
#include "app/tls_settings.hpp"
#include "server/limits.hpp"

namespace heliograph::app {

class ServeCommand {
 public:
  // Adds the options to `command` and runs the server when it is given.
  void define(CLI::App& command);

 private:
  void define_limits(CLI::App& command);
  void run() const;

  std::string listen_ = "9090";
  TlsSettings tls_;
  RedisSettings redis_;
  LoginSettings login_;
  std::string users_ = "users";
  std::size_t workers_ = 1;
  std::uint32_t max_message_ = 64 * 1024;
  std::vector<std::string> origins_ = {"*"};
  std::uint32_t login_timeout_ = 3600;
  std::uint32_t idle_timeout_ = 60;
  std::uint32_t resume_time_ = 30;
  std::uint32_t ping_interval_ = 25;
  std::string admin_;
  server::Limits limits_;
  std::uint32_t drain_time_ = 5;
  bool rehash_ = false;
  std::string log_level_ = "info";
  bool open_relay_ = false;
  bool no_greeting_ = false;
  bool deflate_ = false;
  bool demo_ = false;
};

}  // namespace heliograph::app
