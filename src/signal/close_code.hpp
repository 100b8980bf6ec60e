// Why a WebSocket is closed: the codes of RFC 6455 section 7.4.1 that a session has use for, and
// our own, by which a client knows whether to come back.
#pragma once

#include <cstdint>

namespace heliograph::signal {

// 4000 to 4499: connect again. 4500 to 4999: do not.
inline constexpr std::uint16_t kFirstReconnectCode = 4000;
inline constexpr std::uint16_t kFirstFinalCode = 4500;

inline constexpr std::uint16_t kNormalClosure = 1000;    // the client is done
inline constexpr std::uint16_t kGoingAway = 1001;        // the server drains, or a page is left
inline constexpr std::uint16_t kProtocolError = 1002;    // a frame that breaks a rule
inline constexpr std::uint16_t kUnsupportedData = 1003;  // a message that nobody takes
inline constexpr std::uint16_t kInvalidPayload = 1007;   // a text that is none
inline constexpr std::uint16_t kPolicyViolation = 1008;  // too slow, too much waits, no login
inline constexpr std::uint16_t kMessageTooBig = 1009;
inline constexpr std::uint16_t kKicked = 4500;     // by the operator
inline constexpr std::uint16_t kTakenOver = 4501;  // the session was resumed elsewhere

// Of the codes that the server sends, whether a client should connect again.
constexpr bool may_reconnect(std::uint16_t code) {
  switch (code) {
    case kNormalClosure:
    case kProtocolError:
    case kUnsupportedData:
    case kInvalidPayload:
    case kPolicyViolation:
    case kMessageTooBig:
      return false;
    default:
      return code < kFirstFinalCode;
  }
}

}  // namespace heliograph::signal
