// The opening handshake, server side (RFC 6455 sections 4.2 and 4.4): an HTTP request that asks to
// become a WebSocket is checked against a table of rules, and answered with 101 or a refusal.
//
//   http::RequestParser ──▶ is_upgrade_request? ──no──▶ the caller's pages
//                                   │ yes
//                                   ▼
//                             check_upgrade ──error──▶ append_refusal, flush, close
//                                   │
//                                   ▼
//      PendingUpgrade ──accept──▶ 101, ws::Connection
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "http/head.hpp"
#include "ws/origin.hpp"

namespace heliograph::ws {

// That Host appears exactly once is a rule of HTTP/1.1, which http::RequestParser has checked.
enum class HandshakeError : std::uint8_t {
  kMethodNotGet,
  kHttpVersion,
  kRepeatedField,
  kMissingUpgrade,
  kMissingConnection,
  kMissingVersion,
  kUnsupportedVersion,
  kMissingKey,
  kMalformedKey,
  kTransferEncoding,
  kContentLength,
  kOriginRefused,
};

// A request that passed the check. Views into the head.
struct UpgradeRequest {
  std::string_view key;  // base64 of 16 bytes
  std::string_view authority;
  std::string_view path;
  std::optional<std::string_view> origin;
  http::Fields fields;  // for cookies and the like
};

// Whether the request asks for a WebSocket at all. If it does, check_upgrade() says how well.
bool is_upgrade_request(const http::RequestHead& head);

Result<UpgradeRequest, HandshakeError> check_upgrade(const http::RequestHead& head,
                                                     const OriginPolicy& policy);

int status_for(HandshakeError error);

// One line of plain text without a full stop.
std::string_view describe(HandshakeError error);

// The first subprotocol of `offered`, a client's whole Sec-WebSocket-Protocol in its order of
// preference, that `supported` has, as spelled there; empty if there is none. Nothing that the
// client wrote is ever echoed.
std::string_view choose_subprotocol(std::string_view offered,
                                    std::span<const std::string_view> supported);

// Sec-WebSocket-Accept (section 4.2.2): base64 of the SHA-1 of the key and a fixed text.
std::string accept_key(std::string_view key);

// Appends the whole refusal, with the fields that its status calls for. The connection closes
// behind it.
void append_refusal(HandshakeError error, Buffer& output);

}  // namespace heliograph::ws
