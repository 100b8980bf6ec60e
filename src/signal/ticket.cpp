#include "signal/ticket.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/compare.hpp"
#include "crypto/secret_bytes.hpp"

namespace heliograph::signal {
namespace {

constexpr std::size_t kMaxKeys = 2;

void exchange(std::string& text, char from, char to) {
  std::ranges::replace(text, from, to);
}

// RFC 4648 section 5, without padding.
std::string base64url_encode(Bytes bytes) {
  std::string text = base64_encode(bytes, Base64Padding::kAbsent);
  exchange(text, '+', '-');
  exchange(text, '/', '_');
  return text;
}

std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view encoded) {
  if (encoded.find_first_of("+/") != std::string_view::npos) return std::nullopt;
  std::string text(encoded);
  exchange(text, '-', '+');
  exchange(text, '_', '/');
  return base64_decode(text, Base64Padding::kAbsent);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t time = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), time);
  if (error != std::errc() || stop != text.end() || time < 0) return std::nullopt;
  return time;
}

// The text up to the next dot, which is taken from the front together with it.
std::string_view take_part(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  return part;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = line.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

std::optional<crypto::SecretBytes> decode_key(std::string_view line) {
  auto key = hex_decode(line);
  if (!key) key = base64_decode(line);
  if (!key) return std::nullopt;
  crypto::SecretBytes secret(key->begin(), key->end());
  std::ranges::fill(*key, std::uint8_t{0});
  return secret;
}

}  // namespace

std::string_view describe(TicketError error) {
  switch (error) {
    case TicketError::kMalformed:
      return "no ticket";
    case TicketError::kForged:
      return "made with another key";
    case TicketError::kExpired:
      return "expired";
  }
  std::unreachable();
}

Result<LoginKeys, std::string> LoginKeys::parse(std::string_view text) {
  LoginKeys keys;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    if (keys.keys_.size() == kMaxKeys) {
      return fail(std::string("there are more than two keys: the current and the previous one"));
    }
    const auto key = decode_key(line);
    if (!key || key->size() < kMinLoginKeySize) {
      return fail(
          std::string("a line is no key: 16 or more random bytes in hexadecimal or base64, such as "
                      "'openssl rand -hex 32' prints"));
    }
    keys.keys_.emplace_back(crypto::HashAlgorithm::kSha256, *key);
  }
  if (keys.keys_.empty()) return fail(std::string("there is no key in it"));
  return keys;
}

Result<std::string, TicketError> LoginKeys::verify(std::string_view ticket,
                                                   std::int64_t now) const {
  if (ticket.size() > kMaxTicketSize || std::ranges::count(ticket, '.') != 3) {
    return fail(TicketError::kMalformed);
  }
  const std::string_view signed_part = ticket.substr(0, ticket.rfind('.'));
  const auto user = base64url_decode(take_part(ticket));
  const auto expiry = parse_time(take_part(ticket));
  const auto nonce = base64url_decode(take_part(ticket));
  const auto mac = base64url_decode(ticket);
  if (!user || !expiry || !nonce || !mac) return fail(TicketError::kMalformed);
  const auto has_made_it = [&](const crypto::HmacKey& key) {
    return crypto::equal_in_constant_time(key.mac(as_bytes(signed_part)).bytes(), *mac);
  };
  if (std::ranges::none_of(keys_, has_made_it)) return fail(TicketError::kForged);
  if (now >= *expiry) return fail(TicketError::kExpired);
  return std::string(as_text(*user));
}

std::string LoginKeys::make(std::string_view user, std::int64_t expiry, Bytes nonce) const {
  std::string ticket = base64url_encode(as_bytes(user));
  ticket += '.' + std::to_string(expiry) + '.' + base64url_encode(nonce);
  ticket += '.' + base64url_encode(keys_.front().mac(as_bytes(ticket)).bytes());
  return ticket;
}

}  // namespace heliograph::signal
