#include "signal/error.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "signal/close_code.hpp"

namespace heliograph::signal {
namespace {

// The codes are what clients decide by, so none may ever change.
TEST(SignalError, EveryCodeIsTheOneOfTheProtocol) {
  constexpr struct {
    Error error;
    std::string_view code;
  } kCodes[] = {
      {Error::kBadJson, "bad-json"},
      {Error::kBadMessage, "bad-message"},
      {Error::kUnknownType, "unknown-type"},
      {Error::kNotAuthenticated, "not-authenticated"},
      {Error::kLoginFailed, "login-failed"},
      {Error::kResumeFailed, "resume-failed"},
      {Error::kBadName, "bad-name"},
      {Error::kNoCall, "no-call"},
      {Error::kTooManyCalls, "too-many-calls"},
      {Error::kTooManyNames, "too-many-names"},
      {Error::kTooManyRooms, "too-many-rooms"},
      {Error::kNoRoom, "no-room"},
      {Error::kRoomFull, "room-full"},
  };
  std::set<std::string_view> texts;
  for (const auto& [error, code] : kCodes) {
    EXPECT_EQ(code_of(error), code);
    texts.insert(describe(error));
  }
  EXPECT_EQ(texts.size(), std::size(kCodes));
}

// As the table of docs/protocol/heliograph.v1.md.
TEST(CloseCode, SaysWhetherToConnectAgain) {
  for (const int code : {1001, 1006, 4000, 4499}) {
    EXPECT_TRUE(may_reconnect(static_cast<std::uint16_t>(code))) << code;
  }
  for (const int code : {1000, 1002, 1003, 1007, 1008, 1009, 4500, 4501, 4503, 4999}) {
    EXPECT_FALSE(may_reconnect(static_cast<std::uint16_t>(code))) << code;
  }
}

}  // namespace
}  // namespace heliograph::signal
