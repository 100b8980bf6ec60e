#include "ws/client_handshake.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.hpp"
#include "crypto/random.hpp"
#include "http/text.hpp"
#include "ws/handshake.hpp"

namespace heliograph::ws {

namespace {

constexpr std::size_t kKeySize = 16;
constexpr int kSwitchingProtocols = 101;

// The fields that say one thing, and about which two of them could disagree.
constexpr std::array<std::string_view, 3> kSingleFields = {"Upgrade", "Sec-WebSocket-Accept",
                                                           "Sec-WebSocket-Protocol"};

// Printable ASCII without a space: anything else ends the request line or the field too early.
bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_writable(const UpgradeOffer& offer) {
  return is_visible(offer.authority) && is_visible(offer.target) && offer.target.starts_with('/') &&
         std::ranges::all_of(offer.subprotocols, http::is_token);
}

std::string new_key() {
  std::array<std::uint8_t, kKeySize> key{};
  crypto::fill_random(key);
  return base64_encode(key);
}

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

}  // namespace

bool ClientHandshake::start(const UpgradeOffer& offer, Buffer& output) {
  if (!is_writable(offer)) return false;
  key_ = new_key();
  subprotocols_.assign(offer.subprotocols.begin(), offer.subprotocols.end());
  const auto line = [&output](std::string_view name, std::string_view value) {
    output.append(name);
    output.append(value);
    output.append("\r\n");
  };
  output.append("GET ");
  line(offer.target, " HTTP/1.1");
  line("Host: ", offer.authority);
  line("Upgrade: ", "websocket");
  line("Connection: ", "Upgrade");
  line("Sec-WebSocket-Key: ", key_);
  line("Sec-WebSocket-Version: ", "13");
  if (!subprotocols_.empty()) line("Sec-WebSocket-Protocol: ", joined(subprotocols_));
  line("", "");
  return true;
}

Result<std::optional<ClientHandshake::Opened>, ClientHandshakeError> ClientHandshake::receive(
    MutableBytes& input) {
  if (failed_) {
    input = {};
    return std::nullopt;
  }
  const auto head = parser_.receive(input);
  if (head && !*head) return std::nullopt;
  if (!head) http_error_ = head.error();
  auto opened = head ? check(**head) : fail(ClientHandshakeError::kMalformedResponse);
  if (head) status_ = (*head)->status;
  if (opened) return std::move(*opened);
  failed_ = true;
  input = {};
  return fail(opened.error());
}

Result<ClientHandshake::Opened, ClientHandshakeError> ClientHandshake::check(
    const http::ResponseHead& head) const {
  using Error = ClientHandshakeError;
  const http::Fields& fields = head.fields;
  if (head.status >= 300 && head.status < 400) return fail(Error::kRedirected);
  if (head.status != kSwitchingProtocols) return fail(Error::kRefused);
  if (head.minor_version != 1) return fail(Error::kHttpVersion);
  const auto repeated = [&](std::string_view name) { return fields.count(name) > 1; };
  if (std::ranges::any_of(kSingleFields, repeated)) return fail(Error::kRepeatedField);
  if (!http::equal_ignoring_case(fields.value("Upgrade"), "websocket")) {
    return fail(Error::kWrongUpgrade);
  }
  if (!fields.has_token("Connection", "Upgrade")) return fail(Error::kMissingConnection);
  if (fields.find("Sec-WebSocket-Accept") == nullptr) return fail(Error::kMissingAccept);
  if (fields.value("Sec-WebSocket-Accept") != accept_key(key_)) return fail(Error::kWrongAccept);
  if (fields.find("Sec-WebSocket-Extensions") != nullptr) return fail(Error::kUnofferedExtension);
  const http::Field* const subprotocol = fields.find("Sec-WebSocket-Protocol");
  if (subprotocol == nullptr) return Opened{};
  if (std::ranges::find(subprotocols_, subprotocol->value) == subprotocols_.end()) {
    return fail(Error::kUnofferedSubprotocol);
  }
  return Opened{.subprotocol = std::string(subprotocol->value)};
}

std::string_view describe(ClientHandshakeError error) {
  switch (error) {
    case ClientHandshakeError::kMalformedResponse:
      return "the response is not HTTP/1.1";
    case ClientHandshakeError::kHttpVersion:
      return "the response is of HTTP/1.0, in which there is no Upgrade";
    case ClientHandshakeError::kRedirected:
      return "the server points to another place, which is not followed";
    case ClientHandshakeError::kRefused:
      return "the server does not open a WebSocket there";
    case ClientHandshakeError::kRepeatedField:
      return "a field that may stand once stands more than once";
    case ClientHandshakeError::kWrongUpgrade:
      return "the Upgrade field is not websocket";
    case ClientHandshakeError::kMissingConnection:
      return "the Connection field does not name Upgrade";
    case ClientHandshakeError::kMissingAccept:
      return "the Sec-WebSocket-Accept field is missing";
    case ClientHandshakeError::kWrongAccept:
      return "the Sec-WebSocket-Accept field does not fit the key";
    case ClientHandshakeError::kUnofferedExtension:
      return "the server uses an extension that was not offered";
    case ClientHandshakeError::kUnofferedSubprotocol:
      return "the server chose a subprotocol that was not offered";
  }
  std::unreachable();
}

}  // namespace heliograph::ws
