#include "ws/client_handshake.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.hpp"
#include "crypto/random.hpp"
#include "http/response.hpp"
#include "http/text.hpp"
#include "ws/handshake.hpp"

namespace heliograph::ws {

namespace {

constexpr std::size_t kKeySize = 16;
constexpr int kSwitchingProtocols = 101;

// A final response follows, which 101 is itself when it comes to an Upgrade.
bool is_interim(int status) {
  return status < 200 && status != kSwitchingProtocols;
}

// The fields that say one thing, and about which two of them could disagree.
constexpr std::array<std::string_view, 3> kSingleFields = {"Upgrade", "Sec-WebSocket-Accept",
                                                           "Sec-WebSocket-Protocol"};

// Printable ASCII without a space: anything else ends the request line or the field too early.
bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// What the handshake says itself; and a body, which it has not.
constexpr std::array<std::string_view, 9> kOwnFields = {"Host",
                                                        "Upgrade",
                                                        "Connection",
                                                        "Sec-WebSocket-Key",
                                                        "Sec-WebSocket-Version",
                                                        "Sec-WebSocket-Protocol",
                                                        "Sec-WebSocket-Extensions",
                                                        "Content-Length",
                                                        "Transfer-Encoding"};

bool is_addable(const http::Field& field) {
  return http::is_writable(field) && std::ranges::none_of(kOwnFields, [&](std::string_view name) {
           return http::equal_ignoring_case(field.name, name);
         });
}

bool is_window(std::uint8_t bits) {
  return bits >= kMinDeflateWindowBits && bits <= kMaxWindowBits;
}

bool is_writable(const UpgradeOffer& offer) {
  return is_visible(offer.authority) && is_visible(offer.target) && offer.target.starts_with('/') &&
         std::ranges::all_of(offer.subprotocols, http::is_token) &&
         (!offer.deflate || (is_window(offer.deflate->server_max_window_bits) &&
                             is_window(offer.deflate->client_max_window_bits))) &&
         std::ranges::all_of(offer.fields, is_addable);
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
  const auto line = [&output](std::string_view start, std::string_view end) {
    output.append(start);
    output.append(end);
    output.append("\r\n");
  };
  deflate_ = offer.deflate;
  output.append("GET ");
  line(offer.target, " HTTP/1.1");
  line("Host: ", offer.authority);
  line("Upgrade: ", "websocket");
  line("Connection: ", "Upgrade");
  line("Sec-WebSocket-Key: ", key_);
  line("Sec-WebSocket-Version: ", "13");
  if (!subprotocols_.empty()) line("Sec-WebSocket-Protocol: ", joined(subprotocols_));
  if (deflate_) line("Sec-WebSocket-Extensions: ", offer_deflate(*deflate_));
  for (const http::Field& field : offer.fields) {
    output.append(field.name);
    line(": ", field.value);
  }
  line("", "");
  return true;
}

Result<std::optional<ClientHandshake::Opened>, ClientHandshakeError> ClientHandshake::receive(
    MutableBytes& input) {
  if (failed_) {
    input = {};
    return std::nullopt;
  }
  auto head = parser_.receive(input);
  while (head && *head && is_interim((*head)->status)) {
    if (interim_responses_ == kMaxInterimResponses) {
      return refuse(ClientHandshakeError::kTooManyInterimResponses, input);
    }
    ++interim_responses_;
    head = parser_.receive(input);
  }
  if (!head) {
    http_error_ = head.error();
    return refuse(ClientHandshakeError::kMalformedResponse, input);
  }
  if (!*head) return std::nullopt;
  status_ = (*head)->status;
  auto opened = check(**head);
  if (!opened) return refuse(opened.error(), input);
  return std::move(*opened);
}

std::unexpected<ClientHandshakeError> ClientHandshake::refuse(ClientHandshakeError error,
                                                              MutableBytes& input) {
  failed_ = true;
  input = {};
  return fail(error);
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
  const auto extensions = read_deflate_answer(fields.joined("Sec-WebSocket-Extensions"), deflate_);
  if (!extensions.valid) return fail(Error::kUnofferedExtension);
  const http::Field* const subprotocol = fields.find("Sec-WebSocket-Protocol");
  if (subprotocol == nullptr) return Opened{.subprotocol = {}, .deflate = extensions.parameters};
  if (std::ranges::find(subprotocols_, subprotocol->value) == subprotocols_.end()) {
    return fail(Error::kUnofferedSubprotocol);
  }
  return Opened{.subprotocol = std::string(subprotocol->value), .deflate = extensions.parameters};
}

std::string_view describe(ClientHandshakeError error) {
  switch (error) {
    case ClientHandshakeError::kMalformedResponse:
      return "the response is not HTTP/1.1";
    case ClientHandshakeError::kTooManyInterimResponses:
      return "the server sends interim responses without end";
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
