// Where a Redis server is, as one line of configuration:
//
//   redis://[[user]:password@]host[:port][/database]     host: a name, IPv4, or IPv6 in brackets
//   unix:/path/to/socket[?db=database]                   also unix:///path/to/socket
//
// User, password and path are percent-decoded (RFC 3986 section 2.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace heliograph::resp {

inline constexpr std::uint16_t kDefaultPort = 6379;

struct Url {
  std::string host = {};  // without brackets; empty for a unix socket
  std::uint16_t port = kDefaultPort;
  std::string path = {};  // of the unix socket; empty for TCP
  std::string user = {};
  std::string password = {};
  std::uint32_t database = 0;

  friend bool operator==(const Url&, const Url&) = default;
};

enum class UrlError : std::uint8_t {
  kUnknownScheme,
  kNoHost,
  kBadHost,
  kBadPort,
  kUserWithoutPassword,
  kBadDatabase,
  kBadPercentEncoding,
  kNoPath,
  kBadPath,
  kUnknownParameter,
};

Result<Url, UrlError> parse_url(std::string_view text);

// A sentence for the person who wrote the URL. Quotes no part of it: it may hold a password.
std::string_view describe(UrlError error);

}  // namespace heliograph::resp
