#include "ws/error.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "ws/close.hpp"

namespace heliograph::ws {
namespace {

TEST(WsError, EveryErrorHasACodeForTheWireAndWordsThatFitACloseFrame) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= static_cast<int>(Error::kInvalidCloseReason); ++i) {
    const auto error = static_cast<Error>(i);
    EXPECT_TRUE(is_wire_close_code(static_cast<std::uint16_t>(close_code_for(error))));
    EXPECT_LE(describe(error).size(), kMaxCloseReason);
    EXPECT_TRUE(texts.insert(describe(error)).second) << describe(error);
  }
}

TEST(WsError, TheCodesAreThoseOfTheStandard) {
  EXPECT_EQ(close_code_for(Error::kMissingMask), CloseCode::kProtocolError);
  EXPECT_EQ(close_code_for(Error::kInvalidUtf8), CloseCode::kInvalidPayload);
  EXPECT_EQ(close_code_for(Error::kInvalidCloseReason), CloseCode::kInvalidPayload);
  EXPECT_EQ(close_code_for(Error::kMessageTooBig), CloseCode::kMessageTooBig);
  EXPECT_EQ(close_code_for(Error::kTooManyFrames), CloseCode::kPolicyViolation);
  EXPECT_EQ(close_code_for(Error::kTooManyFinalBlocks), CloseCode::kPolicyViolation);
}

}  // namespace
}  // namespace heliograph::ws
