// `heliograph ticket`: makes a login ticket, as the server does that sends its users to heliograph.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/App.hpp>

namespace heliograph::app {

class TicketCommand {
 public:
  void define(CLI::App& command);

 private:
  void run() const;

  std::string name_;
  std::string login_key_file_;
  std::int64_t ttl_ = 300;
};

}  // namespace heliograph::app
