// What clients are told to use for ICE: STUN and TURN servers, as W3C WebRTC's RTCIceServer, and
// credentials for the latter that expire. They are those of coturn's "REST API": the user name is
// `<expiry>:<user>`, with the expiry in seconds since 1970, and the credential is the base64 of its
// HMAC-SHA1 under a secret that the TURN server shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hmac.hpp"

namespace heliograph::signal {

struct TurnCredential {
  std::string username;
  std::string credential;
};

TurnCredential make_turn_credential(const crypto::HmacKey& secret, std::string_view user,
                                    std::int64_t expiry);

class IceServers {
 public:
  // `urls`: stun:, stuns:, turn: or turns: (RFC 7064, RFC 7065). `ttl`: seconds for which a
  // credential is good. The error is one sentence: an URL that is none, or TURN without secret.
  static Result<IceServers, std::string> make(std::vector<std::string> urls,
                                              std::optional<Bytes> turn_secret, std::int64_t ttl);

  // A JSON array for RTCConfiguration.iceServers. `now`: seconds since 1970.
  [[nodiscard]] std::string json(std::string_view user, std::int64_t now) const;
  // 0 if nothing in the list expires.
  [[nodiscard]] std::int64_t ttl() const { return turn_.empty() ? 0 : ttl_; }

 private:
  IceServers() = default;

  std::vector<std::string> stun_;
  std::vector<std::string> turn_;
  std::optional<crypto::HmacKey> secret_;  // if there is a TURN server
  std::int64_t ttl_ = 0;
};

}  // namespace heliograph::signal
