#include "app/redis_option.hpp"

#include <cstdlib>
#include <string_view>

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

crypto::SecretBytes secret_option(const std::string& file, const char* variable, const char* what) {
  if (!file.empty()) {
    crypto::SecretBytes content = read_secret_file(file, what);
    content.resize(first_line(as_text(content)).size());
    return content;
  }
  const char* const value = std::getenv(variable);
  const std::string_view text = value == nullptr ? "" : value;
  return {text.begin(), text.end()};
}

resp::Url parse_redis_option(const std::string& url, const std::string& password_file) {
  auto parsed = resp::parse_url(url);
  if (!parsed) throw Failure(EX_USAGE, "--redis: " + std::string(resp::describe(parsed.error())));
  if (parsed->tls || parsed->topology != resp::Topology::kSingle) {
    throw Failure(EX_USAGE, "--redis: only redis:// and unix: are supported");
  }
  const crypto::SecretBytes password =
      secret_option(password_file, "HELIOGRAPH_REDIS_PASSWORD", "Redis password");
  if (!password.empty()) parsed->password = as_text(password);
  return std::move(*parsed);
}

}  // namespace heliograph::app
