// Whom a client means to talk to. There is no default: a client that does not care says so.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace heliograph::tls {

class ServerName {
 public:
  // A DNS name or an IP address, as it stands in a URL (IPv6 without brackets). The certificate has
  // to be for it. The error is one sentence.
  static Result<ServerName, std::string> parse(std::string_view text);
  // The certificate may be for any name; no server_name is sent.
  static ServerName any() { return ServerName({}, false); }

  // Empty: any.
  [[nodiscard]] const std::string& text() const { return text_; }
  // What goes into the server_name extension: "Literal IPv4 and IPv6 addresses are not permitted".
  [[nodiscard]] std::string_view sni() const { return is_address_ ? std::string_view{} : text_; }

 private:
  ServerName(std::string text, bool is_address);

  std::string text_;
  bool is_address_;
};

}  // namespace heliograph::tls
