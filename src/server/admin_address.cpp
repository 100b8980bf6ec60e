#include "server/admin_address.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "http/text.hpp"

namespace heliograph::server {

namespace {

constexpr std::string_view kUnix = "unix:";

bool is_loopback(const net::Endpoint& endpoint) {
  const net::HostAddress host = endpoint.host();
  const Bytes bytes = host.bytes();
  if (bytes.size() == 4) return bytes.front() == 127;
  return bytes.size() == 16 && bytes.back() == 1 &&
         std::ranges::all_of(bytes.first(15), [](std::uint8_t byte) { return byte == 0; });
}

bool is_wildcard(const net::Endpoint& endpoint) {
  const net::HostAddress host = endpoint.host();
  return std::ranges::all_of(host.bytes(), [](std::uint8_t byte) { return byte == 0; });
}

// "localhost:9091" and "[::1]:9091" without port and brackets.
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return std::string(end == std::string_view::npos ? "" : authority.substr(1, end - 1));
  }
  return std::string(authority.substr(0, authority.find(':')));
}

}  // namespace

Result<AdminAddress, std::string> parse_admin_address(std::string_view text) {
  AdminAddress address;
  if (text.starts_with(kUnix)) {
    address.path = text.substr(kUnix.size());
    const auto endpoint = net::unix_endpoint(address.path);
    if (!endpoint) return std::unexpected(endpoint.error());
    return address;
  }
  auto listen = net::parse_listen_address(text);
  if (!listen) return std::unexpected(std::move(listen.error()) + "; or unix:PATH");
  if (!listen->host.empty()) address.host = std::move(listen->host);
  address.port = listen->port;
  return address;
}

bool is_own_authority(std::string_view authority, const AdminAddress& address) {
  const std::string host = host_of(authority);
  if (http::equal_ignoring_case(host, "localhost")) return true;
  if (address.path.empty() && http::equal_ignoring_case(host, address.host)) return true;
  const auto asked = net::numeric_endpoint(host, 0);
  if (!asked) return false;
  if (is_loopback(*asked) || !address.path.empty()) return is_loopback(*asked);
  const auto own = net::numeric_endpoint(address.host, 0);
  return own && (is_wildcard(*own) || equal(own->host().bytes(), asked->host().bytes()));
}

Result<std::vector<net::Endpoint>, std::string> admin_endpoints(const AdminAddress& address) {
  if (const auto numeric = net::numeric_endpoint(address.host, address.port)) return {{*numeric}};
  auto endpoints = net::resolve(address.host, address.port);
  if (endpoints && !std::ranges::all_of(*endpoints, is_loopback)) {
    return std::unexpected("'" + address.host +
                           "' is not an address of the loopback interface: to open the admin "
                           "endpoint to a network, give the address itself");
  }
  return endpoints;
}

}  // namespace heliograph::server
