#include "app/redis_option.hpp"

#include <cstdlib>

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

std::string secret_option(const std::string& file, const char* variable, const char* what) {
  if (!file.empty()) return first_line(read_file(file, what));
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

resp::Url parse_redis_option(const std::string& url, const std::string& password_file) {
  auto parsed = resp::parse_url(url);
  if (!parsed) throw Failure(EX_USAGE, "--redis: " + std::string(resp::describe(parsed.error())));
  if (parsed->tls || parsed->topology != resp::Topology::kSingle) {
    throw Failure(EX_USAGE, "--redis: only redis:// and unix: are supported");
  }
  std::string password =
      secret_option(password_file, "HELIOGRAPH_REDIS_PASSWORD", "Redis password");
  if (!password.empty()) parsed->password = std::move(password);
  return std::move(*parsed);
}

}  // namespace heliograph::app
