#include "ws/handshake.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "crypto/hash.hpp"
#include "http/response.hpp"
#include "http/text.hpp"

namespace heliograph::ws {

namespace {

constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeySize = 16;
constexpr std::string_view kAcceptText = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// The fields that say one thing, and about which two of them could disagree. Upgrade, Connection,
// Sec-WebSocket-Protocol and Sec-WebSocket-Extensions are lists and may be split.
constexpr std::array<std::string_view, 3> kSingleFields = {"Sec-WebSocket-Key",
                                                           "Sec-WebSocket-Version", "Origin"};

bool is_key(std::string_view text) {
  constexpr std::size_t kTextSize = (kKeySize + 2) / 3 * 4;
  if (text.size() != kTextSize) return false;
  const auto key = base64_decode(text);
  return key && key->size() == kKeySize;
}

std::optional<std::string_view> find_value(const http::Fields& fields, std::string_view name) {
  const http::Field* const field = fields.find(name);
  return field == nullptr ? std::nullopt : std::optional(field->value);
}

// A request with a body in front of its first frame would be read differently by a proxy that
// knows nothing of WebSocket.
std::optional<HandshakeError> check_body(const http::Fields& fields) {
  if (fields.find("Transfer-Encoding") != nullptr) return HandshakeError::kTransferEncoding;
  if (find_value(fields, "Content-Length").value_or("0") != "0") {
    return HandshakeError::kContentLength;
  }
  return std::nullopt;
}

std::optional<HandshakeError> check_key_and_version(const http::Fields& fields) {
  const auto version = find_value(fields, "Sec-WebSocket-Version");
  if (!version) return HandshakeError::kMissingVersion;
  if (*version != kVersion) return HandshakeError::kUnsupportedVersion;
  const auto key = find_value(fields, "Sec-WebSocket-Key");
  if (!key) return HandshakeError::kMissingKey;
  if (!is_key(*key)) return HandshakeError::kMalformedKey;
  return std::nullopt;
}

std::optional<HandshakeError> check_head(const http::RequestHead& head) {
  const http::Fields& fields = head.fields;
  if (head.method != "GET") return HandshakeError::kMethodNotGet;
  if (head.minor_version != 1) return HandshakeError::kHttpVersion;
  const auto repeated = [&](std::string_view name) { return fields.count(name) > 1; };
  if (std::ranges::any_of(kSingleFields, repeated)) return HandshakeError::kRepeatedField;
  if (!fields.has_token("Upgrade", "websocket")) return HandshakeError::kMissingUpgrade;
  if (!fields.has_token("Connection", "Upgrade")) return HandshakeError::kMissingConnection;
  if (const auto error = check_key_and_version(fields)) return error;
  return check_body(fields);
}

}  // namespace

bool is_upgrade_request(const http::RequestHead& head) {
  return head.fields.has_token("Upgrade", "websocket") ||
         head.fields.find("Sec-WebSocket-Key") != nullptr ||
         head.fields.find("Sec-WebSocket-Version") != nullptr;
}

Result<UpgradeRequest, HandshakeError> check_upgrade(const http::RequestHead& head,
                                                     const OriginPolicy& policy) {
  if (const auto error = check_head(head)) return fail(*error);
  UpgradeRequest request{.key = head.fields.value("Sec-WebSocket-Key"),
                         .authority = head.authority(),
                         .path = head.path(),
                         .origin = find_value(head.fields, "Origin"),
                         .fields = head.fields};
  if (!policy.allows(request.origin, request.authority)) {
    return fail(HandshakeError::kOriginRefused);
  }
  return request;
}

int status_for(HandshakeError error) {
  switch (error) {
    case HandshakeError::kMethodNotGet:
      return 405;
    case HandshakeError::kMissingVersion:
    case HandshakeError::kUnsupportedVersion:
      return 426;
    case HandshakeError::kOriginRefused:
      return 403;
    case HandshakeError::kHttpVersion:
    case HandshakeError::kRepeatedField:
    case HandshakeError::kMissingUpgrade:
    case HandshakeError::kMissingConnection:
    case HandshakeError::kMissingKey:
    case HandshakeError::kMalformedKey:
    case HandshakeError::kTransferEncoding:
    case HandshakeError::kContentLength:
      return 400;
  }
  std::unreachable();
}

std::string_view describe(HandshakeError error) {
  switch (error) {
    case HandshakeError::kMethodNotGet:
      return "a WebSocket is opened with GET";
    case HandshakeError::kHttpVersion:
      return "a WebSocket is opened with HTTP/1.1";
    case HandshakeError::kRepeatedField:
      return "a field that may stand once stands more than once";
    case HandshakeError::kMissingUpgrade:
      return "the Upgrade field does not name websocket";
    case HandshakeError::kMissingConnection:
      return "the Connection field does not name Upgrade";
    case HandshakeError::kMissingVersion:
      return "the Sec-WebSocket-Version field is missing";
    case HandshakeError::kUnsupportedVersion:
      return "only version 13 of the WebSocket protocol is spoken here";
    case HandshakeError::kMissingKey:
      return "the Sec-WebSocket-Key field is missing";
    case HandshakeError::kMalformedKey:
      return "the Sec-WebSocket-Key is not 16 bytes in base64";
    case HandshakeError::kTransferEncoding:
      return "the opening request has a Transfer-Encoding";
    case HandshakeError::kContentLength:
      return "the opening request has a body";
    case HandshakeError::kOriginRefused:
      return "pages of this origin may not connect";
  }
  std::unreachable();
}

std::string_view choose_subprotocol(std::string_view offered,
                                    std::span<const std::string_view> supported) {
  while (!offered.empty()) {
    const auto found = std::ranges::find(supported, http::take_list_member(offered));
    if (found != supported.end()) return *found;
  }
  return {};
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key).append(kAcceptText);
  return base64_encode(crypto::hash(crypto::HashAlgorithm::kSha1, as_bytes(text)).bytes());
}

void append_refusal(HandshakeError error, Buffer& output) {
  const int status = status_for(error);
  std::vector<http::Field> fields = {{"Content-Type", "text/plain; charset=utf-8"}};
  if (status == 405) fields.push_back({"Allow", "GET"});
  if (status == 426) {
    // RFC 6455 section 4.2.2 asks for the version, RFC 9110 section 15.5.22 for Upgrade.
    fields.push_back({"Sec-WebSocket-Version", kVersion});
    fields.push_back({"Upgrade", "websocket"});
    fields.push_back({"Connection", "Upgrade, close"});
  } else {
    fields.push_back({"Connection", "close"});
  }
  const std::string body = std::string(describe(error)).append("\n");
  // All of these names and values are ours.
  static_cast<void>(http::append_response(output, status, fields, body));
}

}  // namespace heliograph::ws
