// Close frames (RFC 6455 sections 5.5.1 and 7.4): the table of codes, and the payload, which is
// empty or a code of two bytes and a reason in UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace heliograph::ws {

enum class Error : std::uint8_t;

// Section 7.4.1 and the IANA registry. Any other value from 3000 to 4999 may be cast to it.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNoStatus = 1005,  // the close frame was empty; never on the wire
  kAbnormal = 1006,  // there was no close frame; never on the wire
  kInvalidPayload = 1007,
  kPolicyViolation = 1008,
  kMessageTooBig = 1009,
  kMandatoryExtension = 1010,
  kInternalError = 1011,
  kServiceRestart = 1012,
  kTryAgainLater = 1013,
  kBadGateway = 1014,
};

// What is left of a control frame's 125 bytes behind the code.
inline constexpr std::size_t kMaxCloseReason = 123;

// Whether a close frame may carry the code: 1000-1003, 1007-1014 and 3000-4999.
constexpr bool is_wire_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

// kNoStatus if the payload was empty. `reason` is a view into the payload.
struct ClosePayload {
  CloseCode code = CloseCode::kNoStatus;
  std::string_view reason;
};

Result<ClosePayload, Error> parse_close(Bytes payload);

// Writes the payload to `storage` and returns the part that was written. Nothing is written for a
// code that no frame may carry, such as kNoStatus. A reason that is too long is cut at the end of
// a character.
inline constexpr std::size_t kMaxClosePayload = 2 + kMaxCloseReason;
Bytes write_close(CloseCode code, std::string_view reason,
                  std::span<std::uint8_t, kMaxClosePayload> storage);

}  // namespace heliograph::ws
