// The rules of RFC 6455 that a peer can break once the connection is open, one name each, and the
// close code that each of them is answered with.
#pragma once

#include <cstdint>
#include <string_view>

#include "ws/close.hpp"

namespace heliograph::ws {

enum class Error : std::uint8_t {
  // The frame header, in wire order (section 5.2).
  kReservedBit,
  kReservedOpcode,
  kFragmentedControlFrame,
  kUnexpectedContinuation,
  kExpectedContinuation,
  kMissingMask,
  kForbiddenMask,
  kControlFrameTooLong,
  kLengthNotMinimal,
  kLengthOutOfRange,
  // Our limits.
  kMessageTooBig,
  kTooManyFrames,
  kTooManyFinalBlocks,
  // Payloads (sections 5.5.1, 7.4 and 8.1).
  kInvalidUtf8,
  kInvalidDeflate,
  kTruncatedCloseCode,
  kInvalidCloseCode,
  kInvalidCloseReason,
};

// The code of the close frame that tells the peer.
CloseCode close_code_for(Error error);

// One line of ASCII without a full stop, at most kMaxCloseReason bytes: it is the close reason.
std::string_view describe(Error error);

}  // namespace heliograph::ws
