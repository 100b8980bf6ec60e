#include "resp/url.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr std::string_view kTcpScheme = "redis://";
constexpr std::string_view kUnixScheme = "unix:";

// Removes what stands in front of `separator`, and the separator; everything if there is none.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view front = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return front;
}

template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    const auto byte = parse_number<std::uint8_t>(digits, 16);
    if (digits.size() < 2 || !byte) return std::nullopt;
    decoded += static_cast<char>(*byte);
    i += 2;
  }
  return decoded;
}

Result<void, UrlError> parse_credentials(std::string_view text, Url& url) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail(UrlError::kUserWithoutPassword);
  auto user = percent_decode(text.substr(0, colon));
  auto password = percent_decode(text.substr(colon + 1));
  if (!user || !password) return fail(UrlError::kBadPercentEncoding);
  if (!user->empty() && password->empty()) return fail(UrlError::kUserWithoutPassword);
  url.user = *std::move(user);
  url.password = *std::move(password);
  return {};
}

Result<void, UrlError> parse_address(std::string_view text, Url& url) {
  if (text.starts_with('[')) {
    if (!text.contains(']')) return fail(UrlError::kBadHost);
    text.remove_prefix(1);
    url.host = take_until(text, ']');
    if (url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) {
      return fail(UrlError::kBadHost);
    }
    if (!text.empty() && !text.starts_with(':')) return fail(UrlError::kBadHost);
  } else {
    const std::size_t colon = text.find(':');
    url.host = text.substr(0, colon);
    if (url.host.find_first_of("%[]?#\\ ") != std::string::npos) return fail(UrlError::kBadHost);
    text.remove_prefix(url.host.size());
  }
  if (url.host.empty()) return fail(UrlError::kNoHost);
  if (text.empty()) return {};
  const auto port = parse_number<std::uint16_t>(text.substr(1));
  if (!port || *port == 0) return fail(UrlError::kBadPort);
  url.port = *port;
  return {};
}

Result<std::uint32_t, UrlError> parse_database(std::string_view text) {
  const auto database = parse_number<std::uint32_t>(text);
  // The server reads a signed number.
  if (!database || *database > std::numeric_limits<std::int32_t>::max()) {
    return fail(UrlError::kBadDatabase);
  }
  return *database;
}

Result<Url, UrlError> parse_tcp(std::string_view rest) {
  Url url;
  std::string_view authority = take_until(rest, '/');
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const auto credentials = parse_credentials(authority.substr(0, at), url);
    if (!credentials) return fail(credentials.error());
    authority.remove_prefix(at + 1);
  }
  const auto address = parse_address(authority, url);
  if (!address) return fail(address.error());
  if (rest.empty()) return url;
  const auto database = parse_database(rest);
  if (!database) return fail(database.error());
  url.database = *database;
  return url;
}

Result<Url, UrlError> parse_unix(std::string_view rest) {
  Url url;
  auto path = percent_decode(take_until(rest, '?'));
  if (!path) return fail(UrlError::kBadPercentEncoding);
  if (path->starts_with("//")) path->erase(0, 2);
  if (path->empty()) return fail(UrlError::kNoPath);
  if (!path->starts_with('/') || path->contains('\0')) return fail(UrlError::kBadPath);
  url.path = *std::move(path);
  if (rest.empty()) return url;
  if (take_until(rest, '=') != "db") return fail(UrlError::kUnknownParameter);
  const auto database = parse_database(rest);
  if (!database) return fail(database.error());
  url.database = *database;
  return url;
}

}  // namespace

Result<Url, UrlError> parse_url(std::string_view text) {
  if (text.starts_with(kTcpScheme)) return parse_tcp(text.substr(kTcpScheme.size()));
  if (text.starts_with(kUnixScheme)) return parse_unix(text.substr(kUnixScheme.size()));
  return fail(UrlError::kUnknownScheme);
}

std::string_view describe(UrlError error) {
  switch (error) {
    case UrlError::kUnknownScheme:
      return "the URL must begin with redis:// or unix:";
    case UrlError::kNoHost:
      return "the URL names no host";
    case UrlError::kBadHost:
      return "the host must be a name, an IPv4 address, or an IPv6 address in brackets";
    case UrlError::kBadPort:
      return "the port must be a number from 1 to 65535";
    case UrlError::kUserWithoutPassword:
      return "user and password must be given as user:password@ or :password@";
    case UrlError::kBadDatabase:
      return "the database must be a number";
    case UrlError::kBadPercentEncoding:
      return "% must be followed by two hexadecimal digits";
    case UrlError::kNoPath:
      return "the URL names no socket";
    case UrlError::kBadPath:
      return "the path of the socket must be absolute";
    case UrlError::kUnknownParameter:
      return "the only parameter of a unix: URL is db";
  }
  std::unreachable();
}

}  // namespace heliograph::resp
