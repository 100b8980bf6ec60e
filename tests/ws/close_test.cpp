#include "ws/close.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ws/error.hpp"

namespace heliograph::ws {
namespace {

std::string written(CloseCode code, std::string_view reason) {
  std::array<std::uint8_t, kMaxClosePayload> storage{};
  return std::string(as_text(write_close(code, reason, storage)));
}

// RFC 6455 section 7.4.2 and the IANA registry "WebSocket Close Code Number".
bool is_listed(int code) {
  static const std::vector<int> kRegistered = {1000, 1001, 1002, 1003, 1007, 1008,
                                               1009, 1010, 1011, 1012, 1013, 1014};
  for (const int registered : kRegistered) {
    if (code == registered) return true;
  }
  return code / 1000 == 3 || code / 1000 == 4;
}

TEST(WsClose, EachOfThe65536CodesIsJudgedByTheTable) {
  for (int code = 0; code <= 0xffff; ++code) {
    const std::array<std::uint8_t, 2> payload = {static_cast<std::uint8_t>(code >> 8),
                                                 static_cast<std::uint8_t>(code & 0xff)};
    const auto close = parse_close(payload);
    ASSERT_EQ(close.has_value(), is_listed(code)) << code;
    if (close) {
      EXPECT_EQ(static_cast<int>(close->code), code);
      EXPECT_EQ(written(close->code, ""), as_text(payload));
    } else {
      EXPECT_EQ(close.error(), Error::kInvalidCloseCode);
      EXPECT_EQ(written(static_cast<CloseCode>(code), "reason"), "");
    }
  }
}

TEST(WsClose, AnEmptyPayloadHasNoStatus) {
  const auto close = parse_close({});
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->code, CloseCode::kNoStatus);
  EXPECT_EQ(close->reason, "");
}

TEST(WsClose, RefusesHalfACodeAndAReasonThatIsNotUtf8) {
  EXPECT_EQ(parse_close(as_bytes("\x03")).error(), Error::kTruncatedCloseCode);
  EXPECT_EQ(parse_close(as_bytes("\x03\xe8\xff")).error(), Error::kInvalidCloseReason);
  EXPECT_EQ(parse_close(as_bytes("\x03\xe8\xe2\x82")).error(), Error::kInvalidCloseReason);
}

TEST(WsClose, ReadsBackWhatItWrote) {
  const std::string payload = written(CloseCode::kGoingAway, "sch\xc3\xb6n");
  const auto close = parse_close(as_bytes(payload));
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->code, CloseCode::kGoingAway);
  EXPECT_EQ(close->reason, "sch\xc3\xb6n");
}

TEST(WsClose, CutsAReasonAtTheEndOfACharacter) {
  const std::string full(kMaxCloseReason, 'x');
  EXPECT_EQ(written(CloseCode::kNormal, full).substr(2), full);
  EXPECT_EQ(written(CloseCode::kNormal, full + "y").substr(2), full);
  const std::string start(kMaxCloseReason - 2, 'x');
  EXPECT_EQ(written(CloseCode::kNormal, start + "\xe2\x82\xac").substr(2), start);
  EXPECT_EQ(written(CloseCode::kNormal, start + "\xc3\xa4y").substr(2), start + "\xc3\xa4");
  EXPECT_EQ(written(CloseCode::kNormal, std::string(200, '\x80')).substr(2), "");
}

}  // namespace
}  // namespace heliograph::ws
