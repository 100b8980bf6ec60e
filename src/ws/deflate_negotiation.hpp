// permessage-deflate, the negotiation (RFC 7692 section 7.1): four parameters, offered by the
// client and agreed upon by the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heliograph::ws {

inline constexpr std::uint8_t kMaxWindowBits = 15;
// zlib has no raw deflate with a window of 2^8 bytes; to receive such a stream is no problem. A
// server declines to send one. A client may be told to: then it sends its messages as they are.
inline constexpr std::uint8_t kMinDeflateWindowBits = 9;

// What holds on the connection. Window sizes are powers of two.
struct DeflateParameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::uint8_t server_max_window_bits = kMaxWindowBits;
  std::uint8_t client_max_window_bits = kMaxWindowBits;

  bool operator==(const DeflateParameters&) const = default;
};

// An agreement, with the value of the field that tells the client.
struct DeflateAgreement {
  DeflateParameters parameters;
  std::string field_value;
};

// A server's answer to the offers, which are the value of Sec-WebSocket-Extensions: the first that
// is well-formed, known in every parameter and can be kept; "declining" all others. `wanted` is
// what this server would like: no context takeover and smaller windows save it memory. Nothing: the
// extension is not used.
std::optional<DeflateAgreement> choose_deflate(std::string_view offers,
                                               const DeflateParameters& wanted);

// What a client offers. Its windows must be of kMinDeflateWindowBits at least.
std::string offer_deflate(const DeflateParameters& wanted);

// What a server's response agrees on, by its Sec-WebSocket-Extensions: nothing if that is empty. An
// answer that the offer does not allow, or to what was not offered, is an error: the client fails
// the connection.
struct DeflateAnswer {
  bool valid = false;
  std::optional<DeflateParameters> parameters;
};
DeflateAnswer read_deflate_answer(std::string_view answer,
                                  const std::optional<DeflateParameters>& offered);

}  // namespace heliograph::ws
