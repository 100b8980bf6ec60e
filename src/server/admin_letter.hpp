// What the admin endpoint, on the main thread, asks the workers, and what they report to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/slots.hpp"

namespace heliograph::server {

// Numbers the questions, so that a late answer is recognised.
using QuestionId = std::uint64_t;

// Of the users that the worker serves, the `limit` smallest names that are greater than `after`.
struct ListUsers {
  QuestionId question = 0;
  std::string after;
  std::size_t limit = 0;
};

// To the home worker of the name, which passes it on to whoever has the connection.
struct KickName {
  QuestionId question = 0;
  std::string name;
};
struct KickConnection {
  QuestionId question = 0;
  std::string name;
  SlotId connection = 0;
};

struct Question {
  std::variant<ListUsers, KickName, KickConnection> what;
};

struct ListedUser {
  std::string name;
  std::int64_t since = 0;              // of the login: milliseconds since 1970
  std::optional<std::string> address;  // nothing while the client is away
};

struct UserList {
  QuestionId question = 0;
  std::vector<ListedUser> users;  // by name
};

struct KickOutcome {
  QuestionId question = 0;
  bool kicked = false;  // false: nobody has the name
};

using Report = std::variant<UserList, KickOutcome>;

}  // namespace heliograph::server
