// Login tickets: what another server that knows a key gives to a user whom it has authenticated in
// its own way, so that heliograph lets the user in without a password.
//
//   user.expiry.nonce.mac
//
// `user` and `nonce` are base64url without padding, the latter of anything that makes the ticket
// unlike the others of the same user; `expiry` is seconds since 1970, in decimal; `mac` is the
// base64url of HMAC-SHA256, under the key, of all that stands before the last dot. Whoever has a
// ticket is the user until it expires.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hmac.hpp"

namespace heliograph::signal {

// A name of 128 bytes, a time and 64 bytes of nonce fit in. Longer ones are only work for the hash.
inline constexpr std::size_t kMaxTicketSize = 512;
// Shorter keys could be guessed from one ticket.
inline constexpr std::size_t kMinLoginKeySize = 16;

enum class TicketError : std::uint8_t { kMalformed, kForged, kExpired };

std::string_view describe(TicketError error);

// The key that tickets are made with, and the one before it, whose tickets still count. Immutable,
// so threads may share one.
class LoginKeys {
 public:
  // One or two lines, each a key of at least kMinLoginKeySize bytes in hexadecimal or base64: the
  // current one, then the previous one. Empty lines, and those with a # in front, do not count. The
  // error is one sentence.
  static Result<LoginKeys, std::string> parse(std::string_view text);

  // `now`, `expiry`: seconds since 1970.
  [[nodiscard]] Result<std::string, TicketError> verify(std::string_view ticket,
                                                        std::int64_t now) const;
  [[nodiscard]] std::string make(std::string_view user, std::int64_t expiry, Bytes nonce) const;

 private:
  LoginKeys() = default;

  std::vector<crypto::HmacKey> keys_;  // the current one first
};

}  // namespace heliograph::signal
