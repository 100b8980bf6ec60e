// `heliograph user`: who may log in, kept in a file or in Redis.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "app/redis_settings.hpp"

namespace heliograph::app {

class UserCommand {
 public:
  // Adds the verbs add, passwd, remove and list to `command`.
  void define(CLI::App& command);

 private:
  std::string name_;
  std::string users_ = "users";
  RedisSettings redis_;
};

}  // namespace heliograph::app
