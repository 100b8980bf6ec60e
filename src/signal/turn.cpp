#include "signal/turn.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "signal/json_string.hpp"

namespace heliograph::signal {
namespace {

// No white space, quotes or control characters, which nothing that is meant as a host has either.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '/' && c != '@';
  });
}

// The part behind the scheme, if the scheme is `name` or, over TLS, `name` with an s.
bool has_scheme(std::string_view url, std::string_view name) {
  if (!url.starts_with(name)) return false;
  url.remove_prefix(name.size());
  if (url.starts_with('s')) url.remove_prefix(1);
  return url.starts_with(':') && is_plain(url.substr(1));
}

void append_urls(std::string& json, const std::vector<std::string>& urls) {
  json += R"({"urls":[)";
  for (const std::string& url : urls) {
    if (&url != &urls.front()) json += ',';
    append_json_string(json, url);
  }
  json += ']';
}

}  // namespace

TurnCredential make_turn_credential(const crypto::HmacKey& secret, std::string_view user,
                                    std::int64_t expiry) {
  std::string username = std::to_string(expiry).append(":").append(user);
  std::string credential = base64_encode(secret.mac(as_bytes(username)).bytes());
  return {.username = std::move(username), .credential = std::move(credential)};
}

Result<IceServers, std::string> IceServers::make(std::vector<std::string> urls,
                                                 std::optional<Bytes> turn_secret,
                                                 std::int64_t ttl) {
  IceServers servers;
  servers.ttl_ = ttl;
  for (std::string& url : urls) {
    if (has_scheme(url, "stun")) {
      servers.stun_.push_back(std::move(url));
    } else if (has_scheme(url, "turn")) {
      servers.turn_.push_back(std::move(url));
    } else {
      return fail(
          "expected stun:HOST[:PORT] or turn:HOST[:PORT][?transport=udp|tcp], or the same "
          "with stuns or turns, not '" +
          url + "'");
    }
  }
  if (servers.turn_.empty()) return servers;
  if (!turn_secret || turn_secret->empty()) {
    return fail(std::string("a TURN server needs the secret that it shares with this server"));
  }
  servers.secret_.emplace(crypto::HashAlgorithm::kSha1, *turn_secret);
  return servers;
}

std::string IceServers::json(std::string_view user, std::int64_t now) const {
  std::string json = "[";
  if (!stun_.empty()) {
    append_urls(json, stun_);
    json += '}';
  }
  if (!turn_.empty()) {
    const TurnCredential credential = make_turn_credential(*secret_, user, now + ttl_);
    if (!stun_.empty()) json += ',';
    append_urls(json, turn_);
    json += R"(,"username":)";
    append_json_string(json, credential.username);
    json += R"(,"credential":")" + credential.credential + R"("})";
  }
  return json + ']';
}

}  // namespace heliograph::signal
