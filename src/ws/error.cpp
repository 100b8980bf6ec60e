#include "ws/error.hpp"

#include <utility>

namespace heliograph::ws {

CloseCode close_code_for(Error error) {
  switch (error) {
    case Error::kReservedBit:
    case Error::kReservedOpcode:
    case Error::kFragmentedControlFrame:
    case Error::kUnexpectedContinuation:
    case Error::kExpectedContinuation:
    case Error::kMissingMask:
    case Error::kForbiddenMask:
    case Error::kControlFrameTooLong:
    case Error::kLengthNotMinimal:
    case Error::kLengthOutOfRange:
    case Error::kTruncatedCloseCode:
    case Error::kInvalidCloseCode:
      return CloseCode::kProtocolError;
    case Error::kInvalidUtf8:
    case Error::kInvalidDeflate:
    case Error::kInvalidCloseReason:
      return CloseCode::kInvalidPayload;
    case Error::kTooManyFrames:
    case Error::kTooManyFinalBlocks:
      return CloseCode::kPolicyViolation;
    case Error::kMessageTooBig:
      return CloseCode::kMessageTooBig;
  }
  std::unreachable();
}

std::string_view describe(Error error) {
  switch (error) {
    case Error::kReservedBit:
      return "a reserved bit is set";
    case Error::kReservedOpcode:
      return "the opcode is reserved";
    case Error::kFragmentedControlFrame:
      return "a control frame is fragmented";
    case Error::kUnexpectedContinuation:
      return "a continuation frame continues nothing";
    case Error::kExpectedContinuation:
      return "a message starts inside another one";
    case Error::kMissingMask:
      return "a frame from a client is not masked";
    case Error::kForbiddenMask:
      return "a frame from a server is masked";
    case Error::kControlFrameTooLong:
      return "a control frame is longer than 125 bytes";
    case Error::kLengthNotMinimal:
      return "a length is not in its shortest form";
    case Error::kLengthOutOfRange:
      return "the top bit of a length is set";
    case Error::kMessageTooBig:
      return "the message is too big";
    case Error::kTooManyFrames:
      return "the message has too many frames";
    case Error::kTooManyFinalBlocks:
      return "the compressed message has too many final blocks";
    case Error::kInvalidUtf8:
      return "the text is not UTF-8";
    case Error::kInvalidDeflate:
      return "the compressed message cannot be inflated";
    case Error::kTruncatedCloseCode:
      return "the close code is one byte long";
    case Error::kInvalidCloseCode:
      return "the close code is not allowed in a frame";
    case Error::kInvalidCloseReason:
      return "the close reason is not UTF-8";
  }
  std::unreachable();
}

}  // namespace heliograph::ws
