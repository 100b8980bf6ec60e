// `heliograph serve`: options, what they load, and the server that runs with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "app/login_settings.hpp"
#include "app/redis_settings.hpp"
#include "app/tls_settings.hpp"
#include "server/limits.hpp"
#include "server/options.hpp"

namespace heliograph::app {

// How many clients the limit of open files allows, which is raised as far as it goes.
std::size_t most_connections(std::size_t workers);

class ServeCommand {
 public:
  // Adds the options to `command`, which outlives this.
  void define(CLI::App& command);
  // The names of the options that are read again on SIGHUP, with the files that they name.
  static std::span<const std::string_view> reloaded();

  // Serves. `arguments` are those of the process: with them it is configured anew on SIGHUP. Throws
  // Failure.
  void run(std::vector<const char*> arguments) const;

  // What the options say, without the files that they name. Throws Failure.
  [[nodiscard]] server::Options options() const;
  // Reads what SIGHUP reads again. Throws Failure.
  void load(server::Reloadable& into);

  [[nodiscard]] const TlsSettings& tls() const { return tls_; }
  [[nodiscard]] const RedisSettings& redis() const { return redis_; }
  [[nodiscard]] const LoginSettings& login() const { return login_; }
  [[nodiscard]] const std::string& users() const { return users_; }

 private:
  void define_limits(CLI::App& command);
  [[nodiscard]] server::Reloadable reload(const std::vector<const char*>& arguments) const;
  void warn_of_fixed(const ServeCommand& running) const;

  const CLI::App* command_ = nullptr;
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
  std::string log_format_ = "logfmt";
  bool open_relay_ = false;
  bool no_greeting_ = false;
  bool deflate_ = false;
  bool demo_ = false;
};

}  // namespace heliograph::app
