#include "app/users.hpp"

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

std::optional<signal::UsersFile> load_users(const std::string& path) {
  const auto content = read_file_if_present(path, "users");
  if (!content) return std::nullopt;
  auto users = signal::UsersFile::parse(*content);
  if (!users) {
    throw Failure(EX_DATAERR,
                  "the users file '" + path + "' is damaged: " + signal::describe(users.error()));
  }
  return std::move(*users);
}

}  // namespace heliograph::app
