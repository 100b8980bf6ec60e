#include "app/server_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace heliograph::app {

namespace {

using Scheme = ServerUrl::Scheme;

constexpr std::array<std::pair<std::string_view, Scheme>, 3> kSchemes = {
    {{"tls://", Scheme::kTls}, {"https://", Scheme::kHttps}, {"wss://", Scheme::kWss}}};

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

// HOST[:PORT]
bool parse_authority(std::string_view text, ServerUrl& url) {
  url.authority = text;
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    url.host = text.substr(1, bracket - 1);
    end = bracket + 1;
  } else {
    url.host = text.substr(0, end);
  }
  const std::string_view rest = end < text.size() ? text.substr(end) : std::string_view{};
  if (url.host.empty() || url.host.find('@') != std::string::npos) return false;
  return rest.empty() || (rest.starts_with(':') && parse_port(rest.substr(1), url.port));
}

}  // namespace

Result<ServerUrl, std::string> parse_server_url(std::string_view text) {
  const auto scheme = std::ranges::find_if(
      kSchemes, [text](const auto& known) { return text.starts_with(known.first); });
  ServerUrl url;
  if (scheme != kSchemes.end() && is_visible(text)) {
    url.scheme = scheme->second;
    std::string_view rest = text.substr(scheme->first.size());
    rest = rest.substr(0, rest.find('#'));
    const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
    url.target = rest.substr(path);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    const bool whole = url.scheme != Scheme::kTls || url.target == "/";
    if (whole && parse_authority(rest.substr(0, path), url)) return url;
  }
  return fail(
      "expected tls://HOST[:PORT], https://HOST[:PORT][/PATH] or wss://HOST[:PORT][/PATH], "
      "not '" +
      std::string(text) + "'");
}

}  // namespace heliograph::app
