// The opening handshake, client side (RFC 6455 section 4.1): asks an HTTP server to become a
// WebSocket, and checks every word of its consent.
//
//   start() ──▶ output: GET with a random key
//   input ──▶ receive() ──▶ Opened, or need more, or Error; then ws::Connection takes over
//
// permessage-deflate is offered if the caller wants it; what was not offered may not be accepted. A
// redirection is not followed: it is a refusal, like any other status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/parser.hpp"
#include "ws/deflate_negotiation.hpp"

namespace heliograph::ws {

enum class ClientHandshakeError : std::uint8_t {
  // The response is no HTTP; see http_error().
  kMalformedResponse,
  kTooManyInterimResponses,
  kHttpVersion,
  // The status is one of 300 to 399; see status().
  kRedirected,
  // The status is a final one other than 101; see status().
  kRefused,
  kRepeatedField,
  kWrongUpgrade,
  kMissingConnection,
  kMissingAccept,
  kWrongAccept,
  // It uses an extension that was not offered, or with parameters that the offer does not allow.
  kUnofferedExtension,
  kUnofferedSubprotocol,
};

// The last enumerator: a test walks over all of them.
inline constexpr ClientHandshakeError kLastClientHandshakeError =
    ClientHandshakeError::kUnofferedSubprotocol;

// One line of plain text without a full stop.
std::string_view describe(ClientHandshakeError error);

// Responses of 1xx before the final one (RFC 9110 section 15.2), which are skipped: with more a
// server could keep us reading for ever.
inline constexpr std::size_t kMaxInterimResponses = 8;

// What is asked for.
struct UpgradeOffer {
  std::string_view authority;  // host, and port unless it is the scheme's: the Host field
  std::string_view target;     // path and query
  std::vector<std::string_view> subprotocols;  // most preferred first; may be empty
  std::optional<DeflateParameters> deflate = std::nullopt;
  // Fields of the caller's, such as Origin, Cookie or Authorization.
  std::vector<http::Field> fields = {};
};

class ClientHandshake {
 public:
  // Appends the request. False, and nothing appended, if a part of `offer` has a character that
  // cannot stand in it, a window is too small, or a field is one of the handshake's own. Call once,
  // before everything else.
  [[nodiscard]] bool start(const UpgradeOffer& offer, Buffer& output);

  struct Opened {
    std::string subprotocol;                                  // as it was offered; empty: none
    std::optional<DeflateParameters> deflate = std::nullopt;  // for MessageDeflate, if agreed
  };
  // Consumes the response from the front of `input`; what is left belongs to ws::Connection.
  // Nothing: more is needed. After an error everything is discarded.
  Result<std::optional<Opened>, ClientHandshakeError> receive(MutableBytes& input);

  // The status of the final response, once there was one; 0 before.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::optional<http::Error> http_error() const { return http_error_; }

 private:
  Result<Opened, ClientHandshakeError> check(const http::ResponseHead& head) const;
  std::unexpected<ClientHandshakeError> refuse(ClientHandshakeError error, MutableBytes& input);

  http::ResponseParser parser_;
  std::string key_;
  std::vector<std::string> subprotocols_;
  std::optional<DeflateParameters> deflate_;
  std::size_t interim_responses_ = 0;
  int status_ = 0;
  std::optional<http::Error> http_error_;
  bool failed_ = false;
};

}  // namespace heliograph::ws
