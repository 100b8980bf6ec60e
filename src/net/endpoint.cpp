#include "net/endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace heliograph::net {

namespace {

template <class SocketAddress>
Endpoint make_endpoint(const SocketAddress& address, socklen_t length = sizeof(SocketAddress)) {
  Endpoint endpoint;
  std::memcpy(&endpoint.storage, &address, length);
  endpoint.length = length;
  return endpoint;
}

template <class SocketAddress>
SocketAddress address_as(const Endpoint& endpoint) {
  SocketAddress address{};
  std::memcpy(&address, &endpoint.storage, std::min(sizeof address, sizeof endpoint.storage));
  return address;
}

Result<std::vector<Endpoint>, std::string> look_up(const std::string& host, std::uint16_t port,
                                                   int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return std::unexpected("cannot find the address of '" + host + "': " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Endpoint endpoint;
    std::memcpy(&endpoint.storage, entry->ai_addr, entry->ai_addrlen);
    endpoint.length = entry->ai_addrlen;
    endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace

HostAddress::HostAddress(Bytes bytes) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (bytes.size() == bytes_.size() && equal(bytes.first(kMapped.size()), kMapped)) {
    bytes = bytes.subspan(kMapped.size());
  }
  size_ = static_cast<std::uint8_t>(std::min(bytes.size(), bytes_.size()));
  std::ranges::copy(bytes.first(size_), bytes_.begin());
}

std::string HostAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size_ > 0) {
    ::inet_ntop(size_ == sizeof(in_addr) ? AF_INET : AF_INET6, bytes_.data(), text.data(),
                text.size());
  }
  return text.data();
}

HostAddress Endpoint::host() const {
  const auto host_of = [](const auto& address) {
    std::array<std::uint8_t, sizeof address> bytes{};
    std::memcpy(bytes.data(), &address, bytes.size());
    return HostAddress(bytes);
  };
  if (family() == AF_INET) return host_of(address_as<sockaddr_in>(*this).sin_addr);
  if (family() == AF_INET6) return host_of(address_as<sockaddr_in6>(*this).sin6_addr);
  return {};
}

std::uint16_t Endpoint::port() const {
  if (family() == AF_INET) return ntohs(address_as<sockaddr_in>(*this).sin_port);
  if (family() == AF_INET6) return ntohs(address_as<sockaddr_in6>(*this).sin6_port);
  return 0;
}

std::string Endpoint::text() const {
  if (family() == AF_UNIX) {
    const auto address = address_as<sockaddr_un>(*this);
    if (address.sun_path[0] != '\0') return std::string("unix:") + address.sun_path;
    const std::size_t size =
        length - std::min<std::size_t>(length, offsetof(sockaddr_un, sun_path));
    return "unix:@" + (size > 1 ? std::string(address.sun_path + 1, size - 1) : "");
  }
  const std::string host = this->host().text();
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

Result<ListenAddress, std::string> parse_listen_address(std::string_view text) {
  const std::string expected =
      "expected [HOST:]PORT, for example 9090, 127.0.0.1:9090 or [::1]:9090, not '" +
      std::string(text) + "'";
  ListenAddress address;
  std::string_view port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
      host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
      return std::unexpected(expected);
    }
    if (host.empty()) return std::unexpected(expected);
    address.host = host;
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::unexpected(expected);
  return address;
}

Result<std::vector<Endpoint>, std::string> resolve(const std::string& host, std::uint16_t port) {
  return look_up(host, port, AI_NUMERICSERV);
}

std::optional<Endpoint> numeric_endpoint(const std::string& host, std::uint16_t port) {
  const auto found = look_up(host, port, AI_NUMERICSERV | AI_NUMERICHOST);
  return found ? std::optional(found->front()) : std::nullopt;
}

Result<Endpoint, std::string> unix_endpoint(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return std::unexpected("a Unix socket path has 1 to " +
                           std::to_string(sizeof address.sun_path - 1) + " bytes, not " +
                           std::to_string(path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return make_endpoint(address,
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1));
}

Result<Endpoint, std::string> abstract_endpoint(std::string_view name) {
  auto endpoint = unix_endpoint("@" + std::string(name));
  if (!endpoint) return endpoint;
  // The name begins with a zero byte, and none is at its end.
  auto address = address_as<sockaddr_un>(*endpoint);
  address.sun_path[0] = '\0';
  return make_endpoint(address, endpoint->length - 1);
}

std::vector<Endpoint> wildcard_endpoints(std::uint16_t port) {
  sockaddr_in6 any6{};
  any6.sin6_family = AF_INET6;
  any6.sin6_addr = in6addr_any;
  any6.sin6_port = htons(port);
  sockaddr_in any4{};
  any4.sin_family = AF_INET;
  any4.sin_addr.s_addr = htonl(INADDR_ANY);
  any4.sin_port = htons(port);
  return {make_endpoint(any6), make_endpoint(any4)};
}

}  // namespace heliograph::net
