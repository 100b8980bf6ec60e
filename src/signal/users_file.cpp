#include "signal/users_file.hpp"

#include <utility>

#include "signal/credential.hpp"
#include "signal/name.hpp"

namespace heliograph::signal {
namespace {

using Rule = UsersFileError::Rule;

// Removes the first line from `text` and returns it without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view text_of(Rule rule) {
  switch (rule) {
    case Rule::kNoColon:
      return "there is no colon; a line is name:hash";
    case Rule::kBadName:
      return "the name must be 1 to 128 bytes of UTF-8 without control characters";
    case Rule::kBadHash:
      return "what follows the colon is no scrypt or PBKDF2 hash; set the password anew";
    case Rule::kDuplicateName:
      return "an earlier line has the same name; remove one of the two";
  }
  return "";
}

}  // namespace

std::string describe(const UsersFileError& error) {
  return "line " + std::to_string(error.line) + ": " + std::string(text_of(error.rule));
}

Result<UsersFile, UsersFileError> UsersFile::parse(std::string_view text) {
  UsersFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const auto broken = [&](Rule rule) {
      return fail(UsersFileError{.line = number, .rule = rule});
    };
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) return broken(Rule::kNoColon);
    const std::string_view name = line.substr(0, colon);
    const std::string_view hash = line.substr(colon + 1);
    if (!is_name(name)) return broken(Rule::kBadName);
    if (!parse_phc(hash)) return broken(Rule::kBadHash);
    if (file.find(name)) return broken(Rule::kDuplicateName);
    file.set(name, hash);
  }
  return file;
}

std::string UsersFile::format() const {
  std::string text;
  for (const auto& [name, hash] : users_) text.append(name).append(":").append(hash).append("\n");
  return text;
}

std::optional<std::string_view> UsersFile::find(std::string_view name) const {
  const auto user = users_.find(name);
  if (user == users_.end()) return std::nullopt;
  return user->second;
}

void UsersFile::set(std::string_view name, std::string_view hash) {
  users_.insert_or_assign(std::string(name), std::string(hash));
}

bool UsersFile::remove(std::string_view name) {
  const auto user = users_.find(name);
  if (user == users_.end()) return false;
  users_.erase(user);
  return true;
}

}  // namespace heliograph::signal
