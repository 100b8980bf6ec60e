#include "ws/utf8.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/ws/naive_utf8.hpp"

namespace heliograph::ws {
namespace {

// How many bytes go by before the validator refuses; all of them if it does not.
std::size_t accepted(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.receive(as_bytes(text.substr(i, 1)))) return i;
  }
  return text.size();
}

TEST(WsUtf8, TakesEveryCharacter) {
  for (std::uint32_t value = 0; value <= 0x10ffff; ++value) {
    if (value >= 0xd800 && value <= 0xdfff) continue;
    std::string text;
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    const auto put_rest = [&](int count) {
      while (count-- > 0) put(0x80 | (value >> (6 * count) & 0x3f));
    };
    if (value < 0x80) {
      put(value);
    } else if (value < 0x800) {
      put(0xc0 | value >> 6);
      put_rest(1);
    } else if (value < 0x10000) {
      put(0xe0 | value >> 12);
      put_rest(2);
    } else {
      put(0xf0 | value >> 18);
      put_rest(3);
    }
    ASSERT_TRUE(is_utf8(as_bytes(text))) << std::hex << value;
  }
}

// Follows every text that may go on for up to `depth` bytes, and tries every byte behind it.
void expect_same_as_reference(const std::string& start, int depth) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text = start + static_cast<char>(byte);
    const bool possible = reference::is_text(text, false);
    ASSERT_EQ(accepted(text), possible ? text.size() : start.size())
        << testing::PrintToString(text);
    ASSERT_EQ(is_utf8(as_bytes(text)), reference::is_text(text, true));
    if (possible && depth > 1 && byte >= 0x7f) expect_same_as_reference(text, depth - 1);
  }
}

TEST(WsUtf8, FailsAtTheFirstByteThatNoTextCouldHave) {
  expect_same_as_reference("", 3);
}

TEST(WsUtf8, SaysTheSameWhereverAnInvalidByteStandsAndHoweverTheTextIsCut) {
  const std::string text = "plain ascii text, then \xe2\x82\xac and \xf0\x9f\x98\x80, plain again";
  ASSERT_TRUE(is_utf8(as_bytes(text)));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string broken = text;
    broken[at] = '\xff';
    EXPECT_FALSE(is_utf8(as_bytes(broken)));
    EXPECT_EQ(accepted(broken), at);
    Utf8Validator validator;
    const Bytes bytes = as_bytes(text);
    EXPECT_TRUE(validator.receive(bytes.first(at)) && validator.receive(bytes.subspan(at)));
    EXPECT_TRUE(validator.complete());
  }
}

TEST(WsUtf8, IsNotCompleteWithinACharacter) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.complete());
  EXPECT_TRUE(validator.receive(as_bytes("\xe2\x82")));
  EXPECT_FALSE(validator.complete());
  EXPECT_TRUE(validator.receive(as_bytes("\xac")));
  EXPECT_TRUE(validator.complete());
}

}  // namespace
}  // namespace heliograph::ws
