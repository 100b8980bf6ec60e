#include "ws/origin.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

namespace heliograph::ws {

namespace {

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

bool is_letter_or_digit(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

// Both as lower_case() leaves them. Names may have an underscore, as hosts of a local network do.
bool is_host_character(char character) {
  return is_letter_or_digit(character) || std::string_view("-._").contains(character);
}

bool is_address_character(char character) {
  return is_letter_or_digit(character) || std::string_view(".:[]").contains(character);
}

// "[" opens an IPv6 address, in which colons separate no port.
HostAndPort split(std::string_view authority) {
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  if (host_end == std::string_view::npos) return {};
  const std::size_t colon = authority.find(':', host_end);
  if (colon == std::string_view::npos) return {authority, std::nullopt};
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

bool is_host(std::string_view host) {
  if (host.empty()) return false;
  if (!host.starts_with('[')) return std::ranges::all_of(host, is_host_character);
  return host.size() > 2 && host.find(']') == host.size() - 1 && host.rfind('[') == 0 &&
         std::ranges::all_of(host, is_address_character);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = std::to_address(text.end());
  const auto [stop, error] = std::from_chars(std::to_address(text.begin()), end, port);
  if (error != std::errc{} || stop != end || port == 0) return std::nullopt;
  return port;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return std::nullopt;
}

std::optional<Origin> make_origin(std::string_view scheme, std::string_view authority) {
  Origin origin{.scheme = lower_case(scheme), .host = {}};
  const std::string lower = lower_case(authority);
  const HostAndPort parts = split(lower);
  const auto port = parts.port ? parse_port(*parts.port) : default_port(origin.scheme);
  if (!is_host(parts.host) || !port) return std::nullopt;
  origin.host = parts.host;
  origin.port = *port;
  return origin;
}

}  // namespace

std::optional<Origin> parse_origin(std::string_view text) {
  constexpr std::string_view kSeparator = "://";
  const std::size_t separator = text.find(kSeparator);
  if (separator == std::string_view::npos || separator == 0) return std::nullopt;
  return make_origin(text.substr(0, separator), text.substr(separator + kSeparator.size()));
}

bool OriginPolicy::allows(std::optional<std::string_view> origin,
                          std::string_view authority) const {
  if (!origin || kind_ == Kind::kAny) return true;
  const auto page = parse_origin(*origin);
  if (!page) return false;
  if (kind_ == Kind::kList) return std::ranges::find(origins_, *page) != origins_.end();
  return page == make_origin(page->scheme, authority);
}

}  // namespace heliograph::ws
