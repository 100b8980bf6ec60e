#include "crypto/host_name.hpp"

#include <array>

#include <arpa/inet.h>

namespace heliograph::crypto {
namespace {

constexpr std::size_t kMaxDnsNameSize = 253;
constexpr std::size_t kIpv4Size = 4;
constexpr std::size_t kIpv6Size = 16;

}  // namespace

bool is_dns_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*";
  return !text.empty() && text.size() <= kMaxDnsNameSize &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::vector<std::uint8_t> ip_from_text(std::string_view text) {
  const std::string terminated(text);
  // inet_pton would read up to a zero byte within.
  if (terminated.find('\0') != std::string::npos) return {};
  std::array<std::uint8_t, kIpv6Size> address = {};
  if (::inet_pton(AF_INET, terminated.c_str(), address.data()) == 1) {
    return {address.begin(), address.begin() + kIpv4Size};
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) {
    return {address.begin(), address.end()};
  }
  return {};
}

std::string ip_to_text(Bytes address) {
  if (address.size() != kIpv4Size && address.size() != kIpv6Size) return {};
  const int family = address.size() == kIpv4Size ? AF_INET : AF_INET6;
  std::array<char, INET6_ADDRSTRLEN> text = {};
  ::inet_ntop(family, address.data(), text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

}  // namespace heliograph::crypto
