// Where `heliograph connect` goes:
//
//   tls://HOST[:PORT]   https://HOST[:PORT][/PATH]   wss://HOST[:PORT][/PATH]
//
// HOST is a name, IPv4, or IPv6 in brackets; PATH may have a query. A fragment is dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace heliograph::app {

struct ServerUrl {
  enum class Scheme : std::uint8_t { kTls, kHttps, kWss };

  Scheme scheme = Scheme::kTls;
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string authority;  // host and port as written: the Host field of HTTP
  std::string target;     // begins with '/'
};

// The error is one line that says what is expected.
Result<ServerUrl, std::string> parse_server_url(std::string_view text);

}  // namespace heliograph::app
