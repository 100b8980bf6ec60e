#include "resp/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr std::string_view kUnixScheme = "unix:";

struct Scheme {
  std::string_view prefix;
  Topology topology;
  bool tls;
};

constexpr std::array<Scheme, 6> kSchemes = {{
    {"redis://", Topology::kSingle, false},
    {"rediss://", Topology::kSingle, true},
    {"redis-sentinel://", Topology::kSentinel, false},
    {"rediss-sentinel://", Topology::kSentinel, true},
    {"redis-cluster://", Topology::kCluster, false},
    {"rediss-cluster://", Topology::kCluster, true},
}};

// Each is asked in turn when no other answers: a long list would only delay the bad news.
constexpr std::size_t kMostAddresses = 64;

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

Result<Address, UrlError> parse_address(std::string_view text, std::uint16_t default_port) {
  Address address{.port = default_port};
  if (text.starts_with('[')) {
    if (!text.contains(']')) return fail(UrlError::kBadHost);
    text.remove_prefix(1);
    address.host = take_until(text, ']');
    if (address.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) {
      return fail(UrlError::kBadHost);
    }
    if (!text.empty() && !text.starts_with(':')) return fail(UrlError::kBadHost);
  } else {
    address.host = text.substr(0, text.find(':'));
    if (address.host.find_first_of("%[]?#\\ ") != std::string::npos)
      return fail(UrlError::kBadHost);
    text.remove_prefix(address.host.size());
  }
  if (address.host.empty()) return fail(UrlError::kNoHost);
  if (text.empty()) return address;
  const auto port = parse_number<std::uint16_t>(text.substr(1));
  if (!port || *port == 0) return fail(UrlError::kBadPort);
  address.port = *port;
  return address;
}

Result<void, UrlError> parse_addresses(std::string_view text, Url& url) {
  if (static_cast<std::size_t>(std::ranges::count(text, ',')) >= kMostAddresses) {
    return fail(UrlError::kTooManyAddresses);
  }
  const std::uint16_t default_port =
      url.topology == Topology::kSentinel ? kDefaultSentinelPort : kDefaultPort;
  for (bool first = true, last = false; !last; first = false) {
    last = !text.contains(',');
    auto address = parse_address(take_until(text, ','), default_port);
    if (!address) return fail(address.error());
    if (first) {
      url.host = std::move(address->host);
      url.port = address->port;
    } else {
      url.more.push_back(*std::move(address));
    }
  }
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

Result<void, UrlError> parse_master(std::string_view text, Url& url) {
  auto master = percent_decode(text);
  if (!master) return fail(UrlError::kBadPercentEncoding);
  if (master->empty()) return fail(UrlError::kNoMaster);
  // A Sentinel announces names in a line whose words are separated by spaces.
  if (master->find_first_of(std::string_view(" \r\n\0", 4)) != std::string::npos) {
    return fail(UrlError::kBadMaster);
  }
  url.master = *std::move(master);
  return {};
}

Result<Url, UrlError> parse_tcp(const Scheme& scheme, std::string_view rest) {
  Url url{.tls = scheme.tls, .topology = scheme.topology};
  std::string_view authority = take_until(rest, '/');
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const auto credentials = parse_credentials(authority.substr(0, at), url);
    if (!credentials) return fail(credentials.error());
    authority.remove_prefix(at + 1);
  }
  if (url.topology == Topology::kSingle && authority.contains(',')) return fail(UrlError::kBadHost);
  const auto addresses = parse_addresses(authority, url);
  if (!addresses) return fail(addresses.error());
  if (url.topology == Topology::kSentinel) {
    const auto master = parse_master(take_until(rest, '/'), url);
    if (!master) return fail(master.error());
  }
  if (rest.empty()) return url;
  if (url.topology == Topology::kCluster) return fail(UrlError::kDatabaseInCluster);
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

std::string to_text(const Address& address) {
  const bool brackets = address.host.contains(':');
  std::string text = brackets ? "[" + address.host + "]" : address.host;
  return text.append(":").append(std::to_string(address.port));
}

Result<Url, UrlError> parse_url(std::string_view text) {
  for (const Scheme& scheme : kSchemes) {
    if (text.starts_with(scheme.prefix)) {
      return parse_tcp(scheme, text.substr(scheme.prefix.size()));
    }
  }
  if (text.starts_with(kUnixScheme)) return parse_unix(text.substr(kUnixScheme.size()));
  return fail(UrlError::kUnknownScheme);
}

std::string_view describe(UrlError error) {
  switch (error) {
    case UrlError::kUnknownScheme:
      return "the URL must begin with redis://, rediss://, redis-sentinel://, redis-cluster:// or "
             "unix:";
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
    case UrlError::kNoMaster:
      return "a redis-sentinel: URL must name the master behind the addresses: /master";
    case UrlError::kBadMaster:
      return "the name of the master must be one word";
    case UrlError::kDatabaseInCluster:
      return "a Cluster has one database";
    case UrlError::kTooManyAddresses:
      return "the URL has too many addresses";
  }
  std::unreachable();
}

}  // namespace heliograph::resp
