#include "signal/json_string.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using namespace std::string_literals;

std::string encode(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, DecodesEveryEscape) {
  EXPECT_EQ(decode_json_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decode_json_string(R"("a\u0041z")"), "aAz");
  EXPECT_EQ(decode_json_string(R"("\u0000")"), "\0"s);
  EXPECT_EQ(decode_json_string(R"("\u00e9\u00E9\u07ff")"), "\xc3\xa9\xc3\xa9\xdf\xbf");
  EXPECT_EQ(decode_json_string(R"("\u0800\u20ac\uffff")"), "\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf");
  EXPECT_EQ(decode_json_string("\"\""), "");
  EXPECT_EQ(decode_json_string("\"\xc3\xa9\""), "\xc3\xa9");
}

TEST(JsonString, DecodesSurrogatePairs) {
  EXPECT_EQ(decode_json_string(R"("\ud800\udc00")"), "\xf0\x90\x80\x80");
  EXPECT_EQ(decode_json_string(R"("\uDBFF\uDFFF")"), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(decode_json_string(R"("\ud83d\ude00!")"), "\xf0\x9f\x98\x80!");
}

TEST(JsonString, KeepsLoneSurrogates) {
  EXPECT_EQ(decode_json_string(R"("\ud800")"), "\xed\xa0\x80");
  EXPECT_EQ(decode_json_string(R"("\ud800x")"), "\xed\xa0\x80x");
  EXPECT_EQ(decode_json_string(R"("\udfff")"), "\xed\xbf\xbf");
  EXPECT_EQ(decode_json_string(R"("\ud800\n")"), "\xed\xa0\x80\n");
  EXPECT_EQ(decode_json_string(R"("\ud83d\ud83d\ude00")"), "\xed\xa0\xbd\xf0\x9f\x98\x80");
  EXPECT_EQ(decode_json_string(R"("\ud800\u0041")"), "\xed\xa0\x80"s + "A");
}

// Expected values: Node.js 20, JSON.stringify.
TEST(JsonString, WritesAsJavaScriptDoes) {
  EXPECT_EQ(encode(""), R"("")");
  EXPECT_EQ(encode("a/b"), R"("a/b")");
  EXPECT_EQ(encode("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(encode("\0\x01\x0b\x1f"s), R"("\u0000\u0001\u000b\u001f")");
  EXPECT_EQ(encode("\x7f\xc2\x80\xe2\x80\xa8"), "\"\x7f\xc2\x80\xe2\x80\xa8\"");
  EXPECT_EQ(encode("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
  EXPECT_EQ(encode("\xed\xa0\x80"), R"("\ud800")");
  EXPECT_EQ(encode("\xed\xaf\xbf"), R"("\udbff")");
  EXPECT_EQ(encode("x\xed\xb0\x80y"), R"("x\udc00y")");
  EXPECT_EQ(encode("\xed\xbf\xbf"), R"("\udfff")");
  EXPECT_EQ(encode("\xed\x9f\xbf\xee\x80\x80"), "\"\xed\x9f\xbf\xee\x80\x80\"");
}

TEST(JsonString, KnowsLoneSurrogates) {
  EXPECT_TRUE(has_lone_surrogate("a\xed\xa0\x80"));
  EXPECT_TRUE(has_lone_surrogate("\xed\x9f\xbf\xed\xbf\xbfz"));
  EXPECT_FALSE(has_lone_surrogate("\xed\x9f\xbf"));
  EXPECT_FALSE(has_lone_surrogate("\xf0\x9f\x98\x80"));
  EXPECT_FALSE(has_lone_surrogate("\xed"));
  EXPECT_FALSE(has_lone_surrogate(""));
}

TEST(JsonString, EveryCodeUnitSurvivesDecodingAndWriting) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned unit = 0; unit < 0x10000; ++unit) {
    std::string quoted = "\"\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      quoted.push_back(kDigits[unit >> static_cast<unsigned>(shift) & 0xfU]);
    }
    quoted.push_back('"');
    const std::string text = decode_json_string(quoted);
    ASSERT_EQ(decode_json_string(encode(text)), text) << quoted;
    ASSERT_EQ(has_lone_surrogate(text), unit >= 0xd800 && unit <= 0xdfff) << quoted;
  }
}

}  // namespace
}  // namespace heliograph::signal
