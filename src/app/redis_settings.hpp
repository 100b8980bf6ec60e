// The options that say where Redis is, how it is spoken to, and where in it users are: those of
// every verb that needs it.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "server/redis_link.hpp"

namespace heliograph::app {

class RedisSettings {
 public:
  void define(CLI::App& command);

  // --redis was given.
  [[nodiscard]] bool wanted() const { return !url_.empty(); }
  // Reads the files that the options name. Throws Failure.
  [[nodiscard]] server::RedisOptions load() const;

  // What stands in front of a name in its key.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  // The field of the password, if users are hashes; empty if they are strings.
  [[nodiscard]] const std::string& field() const { return field_; }

 private:
  [[nodiscard]] server::RedisTls load_tls() const;

  std::string url_;
  std::string password_file_;
  std::string sentinel_password_file_;
  std::string prefix_;
  std::string field_;
  std::string ca_;
  std::string certificate_;
  std::string key_;
  std::string key_passphrase_file_;
  std::string name_;
};

}  // namespace heliograph::app
