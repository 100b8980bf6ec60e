// `heliograph user`: who may log in, kept in a file or in Redis.
#pragma once

#include <string>

#include <CLI/App.hpp>

namespace heliograph::app {

class UserCommand {
 public:
  // Adds the verbs add, passwd, remove and list to `command`.
  void define(CLI::App& command);

 private:
  std::string name_;
  std::string users_ = "users";
  std::string redis_;
  std::string redis_password_file_;
  std::string redis_prefix_;
};

}  // namespace heliograph::app
