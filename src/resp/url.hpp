// Where Redis is, as one line of configuration:
//
//   redis://[[user]:password@]host[:port][/database]     host: a name, IPv4, or IPv6 in brackets
//   unix:/path/to/socket[?db=database]                   also unix:///path/to/socket
//   redis-sentinel://[[user]:password@]host[:port][,host[:port]]…/master[/database]
//   redis-cluster://[[user]:password@]host[:port][,host[:port]]…
//
// rediss://, rediss-sentinel:// and rediss-cluster:// are the same over TLS. User and password are
// those of the servers with the data. User, password, master and path are percent-decoded (RFC 3986
// section 2.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace heliograph::resp {

inline constexpr std::uint16_t kDefaultPort = 6379;
inline constexpr std::uint16_t kDefaultSentinelPort = 26379;

struct Address {
  std::string host = {};  // without brackets
  std::uint16_t port = kDefaultPort;

  friend bool operator==(const Address&, const Address&) = default;
};

// host:port, or [host]:port if the host is an IPv6 address.
std::string to_text(const Address& address);

enum class Topology : std::uint8_t {
  kSingle,    // the server is the one that is named
  kSentinel,  // the named Sentinels know it
  kCluster,   // the named servers know the others
};

struct Url {
  std::string host = {};  // without brackets; empty for a unix socket
  std::uint16_t port = kDefaultPort;
  std::string path = {};  // of the unix socket; empty for TCP
  std::string user = {};
  std::string password = {};
  std::uint32_t database = 0;
  bool tls = false;
  Topology topology = Topology::kSingle;
  std::vector<Address> more = {};  // Sentinel, Cluster: the addresses behind the first
  std::string master = {};         // Sentinel: the name of the master

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
  kNoMaster,
  kBadMaster,
  kDatabaseInCluster,
  kTooManyAddresses,
};

Result<Url, UrlError> parse_url(std::string_view text);

// A sentence for the person who wrote the URL. Quotes no part of it: it may hold a password.
std::string_view describe(UrlError error);

}  // namespace heliograph::resp
