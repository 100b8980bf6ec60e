#include "tls/server_name.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::tls {
namespace {

constexpr std::size_t kMaxDnsName = 253;
constexpr std::size_t kMaxDnsLabel = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_label_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Four decimal parts. Names never end in a number (RFC 1123 section 2.1).
bool is_ipv4(std::string_view text) {
  return std::ranges::count(text, '.') == 3 && is_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_ipv6(std::string_view text) {
  return std::ranges::count(text, ':') >= 2 &&
         std::ranges::all_of(text, [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; });
}

bool is_dns_name(std::string_view text) {
  if (text.size() > kMaxDnsName) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > kMaxDnsLabel ||
        !std::ranges::all_of(label, is_label_character)) {
      return false;
    }
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

ServerName::ServerName(std::string text, bool is_address)
    : text_(std::move(text)), is_address_(is_address) {}

Result<ServerName, std::string> ServerName::parse(std::string_view text) {
  // "localhost." and "localhost" are the same name, and certificates have the latter.
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return fail(std::string("the server's name is empty"));
  if (is_ipv4(text) || is_ipv6(text)) return ServerName(std::string(text), true);
  if (!is_dns_name(text)) {
    return fail("'" + std::string(text) + "' is neither a DNS name nor an IP address");
  }
  return ServerName(std::string(text), false);
}

}  // namespace heliograph::tls
