#include "signal/certificate_user.hpp"

#include <algorithm>

#include "base/hex.hpp"

namespace heliograph::signal {
namespace {

constexpr std::string_view kUserScheme = "heliograph:user:";

// RFC 3986 section 2.1.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('%'), text.size());
    decoded += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = hex_decode(text.substr(1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += static_cast<char>(byte->front());
    text.remove_prefix(3);
  }
  return decoded;
}

}  // namespace

std::vector<std::string> certificate_users(const crypto::Identity& identity) {
  std::vector<std::string> users = identity.email_addresses;
  for (const std::string& uri : identity.uris) {
    if (!uri.starts_with(kUserScheme)) continue;
    auto name = percent_decode(std::string_view(uri).substr(kUserScheme.size()));
    if (name) users.push_back(std::move(*name));
  }
  return users;
}

std::optional<std::string> certificate_user(const crypto::Identity& identity,
                                            std::string_view wanted) {
  const std::vector<std::string> users = certificate_users(identity);
  if (wanted.empty() && users.size() == 1) return users.front();
  const auto user = std::ranges::find(users, wanted);
  if (wanted.empty() || user == users.end()) return std::nullopt;
  return *user;
}

}  // namespace heliograph::signal
