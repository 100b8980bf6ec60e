// Where a socket listens or connects to: a TCP address or a Unix socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace heliograph::net {

// The IP address of a peer, small enough to be kept for as long as the peer is there.
class HostAddress {
 public:
  // Nothing, which is what a Unix socket has.
  HostAddress() = default;
  // 4 or 16 bytes in network order. An IPv4-mapped IPv6 address becomes the IPv4 address.
  explicit HostAddress(Bytes bytes);

  [[nodiscard]] Bytes bytes() const { return Bytes(bytes_).first(size_); }
  // "192.0.2.1" or "2001:db8::1"; empty for nothing.
  [[nodiscard]] std::string text() const;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint8_t size_ = 0;
};

// A socket address, ready for bind() or connect().
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // As the socket calls take it.
  [[nodiscard]] const sockaddr* address() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&storage));
  }
  [[nodiscard]] sockaddr* address() { return static_cast<sockaddr*>(static_cast<void*>(&storage)); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  // "192.0.2.1:9090", "[2001:db8::1]:9090" or "unix:/run/redis.sock".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] HostAddress host() const;
  [[nodiscard]] std::uint16_t port() const;
};

// "[HOST:]PORT" as the command line takes it: "9090", "127.0.0.1:9090", "[::1]:9090".
struct ListenAddress {
  std::string host;  // empty: all addresses
  std::uint16_t port = 0;
};

// The error is one line that says what is expected.
Result<ListenAddress, std::string> parse_listen_address(std::string_view text);

// Blocks while names are looked up. The error is one line.
Result<std::vector<Endpoint>, std::string> resolve(const std::string& host, std::uint16_t port);

// The same for what needs no looking up, an IPv4 or IPv6 address; nothing for a name. Does not
// block.
std::optional<Endpoint> numeric_endpoint(const std::string& host, std::uint16_t port);

Result<Endpoint, std::string> unix_endpoint(std::string_view path);
// Of a Unix socket that is in no file system.
Result<Endpoint, std::string> abstract_endpoint(std::string_view name);

// All addresses of this host: IPv6 that also takes IPv4, and IPv4 alone as the second choice.
std::vector<Endpoint> wildcard_endpoints(std::uint16_t port);

}  // namespace heliograph::net
