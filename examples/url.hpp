// SCHEME://HOST[:PORT][/PATH][?QUERY][#FRAGMENT], for the examples.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

namespace url {

struct Url {
  std::string authority;  // host and port as written: the Host field of HTTP
  std::string host;       // without the brackets of an IPv6 address
  std::string port;
  std::string target;  // path and query
};

// Throws if `text` has another scheme, or what does not stand in a URL. Whether the host is a name
// or an address is for those to say who need one.
inline Url parse(const std::string& text, const std::string& scheme, const std::string& port) {
  const std::string start = scheme + "://";
  const bool visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  const std::size_t slash = std::min(text.find_first_of("/?#", start.size()), text.size());
  if (!visible || !text.starts_with(start) || slash == start.size()) {
    throw std::runtime_error("expected " + start + "HOST[:PORT][/PATH], not " + text);
  }
  Url url{.authority = text.substr(start.size(), slash - start.size()),
          .host = {},
          .port = port,
          .target = text.substr(slash, std::min(text.find('#'), text.size()) - slash)};
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const std::size_t colon = url.authority.find(':', url.authority.rfind(']') + 1);
  url.host = url.authority.substr(0, colon);
  if (colon != std::string::npos) url.port = url.authority.substr(colon + 1);
  if (url.host.starts_with('[') && url.host.ends_with(']')) {
    url.host = url.host.substr(1, url.host.size() - 2);
  }
  return url;
}

}  // namespace url
