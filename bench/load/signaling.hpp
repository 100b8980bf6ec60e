// The tutorial's protocol as its clients speak it: greeted, logged in, calling each other in pairs.
// Connection 0 is user1, and calls connection 1, which is user2, and so on.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "load/connection.hpp"
#include "load/fleet.hpp"

namespace heliograph::bench {

constexpr std::string_view kGreeting = "Hello from server";
constexpr std::string_view kLoggedIn = R"({"type":"login","success":true})";

// The user of connection `number`.
std::string user_name(std::size_t number);
std::string login_message(std::size_t number);
// The other one of a pair.
constexpr std::size_t partner_of(std::size_t number) {
  return number ^ 1;
}

// A candidate for the partner of `number`, `size` bytes long, and what the partner is told.
std::string candidate_message(std::size_t number, std::size_t size);
std::string candidate_told(std::size_t number, std::size_t size);

// Keeps the messages until somebody asks for them.
class Lobby : public Receiver {
 public:
  void on_open(Connection& /*connection*/) override {}
  void on_message(Connection& connection, std::string_view message) override;

  // The next message of a connection must be this one; waits for it.
  void expect(Fleet& fleet, std::size_t number, std::string_view message);
  // Connections `first` to `end`, which are open already.
  void log_in(Fleet& fleet, std::size_t first, std::size_t end);
  // By offer and answer, all pairs among them.
  void call(Fleet& fleet, std::size_t first, std::size_t end);

 private:
  static void say(Fleet& fleet, std::size_t number, std::string_view message);

  std::vector<std::deque<std::string>> messages_;
};

}  // namespace heliograph::bench
