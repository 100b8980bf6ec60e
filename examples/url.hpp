// URLs for the examples: SCHEME://HOST[:PORT][/PATH].
#pragma once

#include <regex>
#include <stdexcept>
#include <string>

struct Url {
  std::string scheme;
  std::string authority;  // host, and port if one was given
  std::string host;       // an IPv6 address without its brackets
  std::string port;
  std::string target;  // path and query
};

// `secure` is the scheme whose port is 443, by default; that of every other is 80.
inline Url parse_url(const std::string& text, const std::string& secure) {
  static const std::regex kUrl(
      R"((\w+)://((?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::(\d+))?)(/[^#\s]*)?(?:#.*)?)");
  std::smatch part;
  if (!std::regex_match(text, part, kUrl)) {
    throw std::runtime_error("expected " + secure + "://HOST[:PORT][/PATH], not " + text);
  }
  const std::string usual_port = part[1] == secure ? "443" : "80";
  return {.scheme = part[1],
          .authority = part[2],
          .host = part[3].str() + part[4].str(),
          .port = part[5].matched ? part[5].str() : usual_port,
          .target = part[6].matched ? part[6].str() : "/"};
}
