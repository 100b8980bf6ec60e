#include "signal/json_grammar.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/base/memory_meter.hpp"

namespace heliograph::signal {
namespace {

using namespace std::string_view_literals;

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(JsonGrammar, AcceptsWhatIsJson) {
  for (const std::string_view text : {"0"sv,
                                      "-0"sv,
                                      "10"sv,
                                      "1.0"sv,
                                      "1e5"sv,
                                      "1E+5"sv,
                                      "-1.5e-05"sv,
                                      "1e99999"sv,
                                      "true"sv,
                                      "false"sv,
                                      "null"sv,
                                      "\"\""sv,
                                      R"("\"\\\/\b\f\n\r\t\u00aF\ud800")"sv,
                                      "\"\x7f\xc3\xa9\""sv,
                                      "[]"sv,
                                      "{}"sv,
                                      " [ ] "sv,
                                      "\t{\r}\n"sv,
                                      "[1]"sv,
                                      "[1,2]"sv,
                                      "[[],{}]"sv,
                                      R"({"a":1})"sv,
                                      R"({"a":1,"a":2})"sv,
                                      R"({"":[{"b":[]}],"c":null})"sv,
                                      " [ 1 , { \"a\" : 2 } , [ ] ] "sv}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(JsonGrammar, RefusesWhatIsNot) {
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "["sv,
                                      "{"sv,
                                      "]"sv,
                                      "}"sv,
                                      "[1"sv,
                                      "[1,"sv,
                                      "[1,]"sv,
                                      "[,]"sv,
                                      "[,1]"sv,
                                      "[1 2]"sv,
                                      "[1,,2]"sv,
                                      "[1}"sv,
                                      "{]"sv,
                                      R"({"a":1])"sv,
                                      R"({"a"})"sv,
                                      R"({"a":})"sv,
                                      R"({"a":1,})"sv,
                                      R"({,"a":1})"sv,
                                      R"({"a" 1})"sv,
                                      "{1:2}"sv,
                                      "{a:1}"sv,
                                      R"({"a":1 "b":2})"sv,
                                      R"(["a":1])"sv,
                                      R"({"a","b"})"sv,
                                      "[1]]"sv,
                                      "{}{}"sv,
                                      "1 2"sv,
                                      "[1]x"sv,
                                      "1,"sv,
                                      "nul"sv,
                                      "nulll"sv,
                                      "truefalse"sv,
                                      "True"sv,
                                      "NaN"sv,
                                      "Infinity"sv,
                                      "-"sv,
                                      "+1"sv,
                                      "01"sv,
                                      "-01"sv,
                                      "1."sv,
                                      ".5"sv,
                                      "1e"sv,
                                      "1e+"sv,
                                      "1.e5"sv,
                                      "0x1"sv,
                                      "1a"sv,
                                      "1\"a\""sv,
                                      "\"a\"b"sv,
                                      "\""sv,
                                      "\"a"sv,
                                      "\"\\"sv,
                                      "\"\\\""sv,
                                      R"("\x")"sv,
                                      R"("\u12")"sv,
                                      R"("\u12g4")"sv,
                                      R"("\u12)"sv,
                                      "'a'"sv,
                                      "\"\n\""sv,
                                      "\"\0\""sv,
                                      "\"\x1f\""sv,
                                      "[1]\0"sv,
                                      "\xef\xbb\xbf{}"sv,
                                      "\x0b[]"sv,
                                      "[\xa0]"sv,
                                      "// c\n1"sv}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

TEST(JsonGrammar, AcceptsTheDeepestNesting) {
  EXPECT_TRUE(is_json(nested(kMaxJsonDepth, "[", "]")));
  EXPECT_TRUE(is_json(nested(kMaxJsonDepth, R"({"a":)", "}")));
  EXPECT_TRUE(is_json(nested(kMaxJsonDepth / 2, R"([{"a":)", "}]")));
}

TEST(JsonGrammar, RefusesNestingOneDeeper) {
  EXPECT_FALSE(is_json(nested(kMaxJsonDepth + 1, "[", "]")));
  EXPECT_FALSE(is_json(nested(kMaxJsonDepth + 1, R"({"a":)", "}")));
  EXPECT_FALSE(is_json(std::string(1'000'000, '[')));
}

TEST(JsonGrammar, NestingIsCountedNotSummed) {
  std::string text = "[1";
  for (std::size_t i = 0; i < 2 * kMaxJsonDepth; ++i) text += ",[],{}";
  EXPECT_TRUE(is_json(text + "]"));
}

TEST(JsonGrammar, NoPrefixOfAnObjectIsJson) {
  const std::string text = R"({"a":[1,-2.5e+3,"\u0041\n",{"b":true}],"c":null})";
  ASSERT_TRUE(is_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(is_json(text.substr(0, size))) << size;
  }
}

// {"\u0061…":1}, in which each character of `name` is escaped and `rest` stands behind them.
std::string object_with_escaped_key(std::string_view name, std::string_view rest) {
  std::string text = R"({")";
  for (const char c : name) {
    text += R"(\u00)";
    text += "0123456789abcdef"[c / 16];
    text += "0123456789abcdef"[c % 16];
  }
  return text.append(rest).append(R"(":1})");
}

struct EscapedKeyRead {
  std::string value;
  std::size_t allocations;
};

// What a reader finds that looks for several names, of which "certificate" is the longest.
EscapedKeyRead read_certificate(std::string_view text) {
  std::array<JsonMember, 4> members = {{{.name = "type", .value = {}},
                                        {.name = "to", .value = {}},
                                        {.name = "name", .value = {}},
                                        {.name = "certificate", .value = {}}}};
  const MemoryMeter meter;
  const bool is_read = is_json(text, members);
  const std::size_t allocations = meter.allocations();
  EXPECT_TRUE(is_read) << text;
  return {std::string(members.back().value), allocations};
}

TEST(JsonGrammar, DecodesAnEscapedKeyOnceForAllNames) {
  const EscapedKeyRead known = read_certificate(object_with_escaped_key("certificate", ""));
  EXPECT_EQ(known.value, "1");
  EXPECT_EQ(known.allocations, 1U);
  const EscapedKeyRead unknown = read_certificate(object_with_escaped_key("certificat", "es"));
  EXPECT_EQ(unknown.value, "");
  EXPECT_EQ(unknown.allocations, 1U);
}

TEST(JsonGrammar, DecodesNoEscapedKeyThatIsLongerThanAnyName) {
  const EscapedKeyRead longer = read_certificate(object_with_escaped_key("certificate", "s"));
  EXPECT_EQ(longer.value, "");
  EXPECT_EQ(longer.allocations, 0U);
}

TEST(JsonGrammar, MeasuresStringsAndNumbersUpToTheirEnd) {
  EXPECT_EQ(json_string_size(R"("a\"b":1)"), 6U);
  EXPECT_EQ(json_string_size("a"), 0U);
  EXPECT_EQ(json_number_size("-1.5e3,2"), 6U);
  EXPECT_EQ(json_number_size("12]"), 2U);
  EXPECT_EQ(json_number_size("x"), 0U);
}

TEST(JsonGrammar, StringsAreReadAlikeWhereverAByteStands) {
  constexpr std::size_t kSize = 20;
  for (std::size_t at = 0; at < kSize; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(kSize, 'x');
      text[at] = static_cast<char>(byte);
      std::size_t size = kSize + 2;
      if (byte < 0x20 || byte == '\\') size = 0;  // no escape has an x behind the backslash
      if (byte == '"') size = at + 2;
      if (byte == '\\' && at + 1 == kSize) size = kSize + 3;  // which ends at the second quote
      EXPECT_EQ(json_string_size('"' + text + "\"\""), size) << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace heliograph::signal
