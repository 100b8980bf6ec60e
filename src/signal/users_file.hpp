// The embedded users file: one `name:PHC` line for each user, sorted by name. Text in, text out;
// reading and writing files is the caller's work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace heliograph::signal {

struct UsersFileError {
  enum class Rule : std::uint8_t {
    kNoColon,        // the line is not name:hash
    kBadName,        // the name is not one to log in with
    kBadHash,        // what follows the colon is no password hash that credential.hpp verifies
    kDuplicateName,  // an earlier line has the same name
  };

  std::size_t line = 0;  // from 1
  Rule rule = Rule::kNoColon;
};

// One line for the operator: what is wrong, and where.
std::string describe(const UsersFileError& error);

class UsersFile {
 public:
  using Users = std::map<std::string, std::string, std::less<>>;

  // Lines end with LF or CR LF; empty ones do not count. Of colons in a line the last one divides
  // it, since names may have some and hashes have none.
  static Result<UsersFile, UsersFileError> parse(std::string_view text);
  [[nodiscard]] std::string format() const;

  // Valid until the next change.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // `name` must be a name (name.hpp), `hash` a PHC string (credential.hpp).
  void set(std::string_view name, std::string_view hash);
  // False if there was no such user.
  bool remove(std::string_view name);
  [[nodiscard]] const Users& users() const { return users_; }

 private:
  Users users_;
};

}  // namespace heliograph::signal
