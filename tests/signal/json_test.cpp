#include "signal/json.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;

// The values of "a", "b" and "c", empty where there is none; nothing if `text` cannot be read.
// What stands behind the text would complete it, were it looked at.
std::optional<std::vector<std::string>> read(const std::string& text) {
  std::array<JsonMember, 3> members = {
      {{.name = "a", .value = "x"}, {.name = "b", .value = "x"}, {.name = "c", .value = "x"}}};
  const std::string padded = text + std::string(64, '}');
  const bool is_read = read_json_object(as_bytes(padded).first(text.size()), members);
  std::vector<std::string> values;
  for (const JsonMember& member : members) {
    EXPECT_TRUE(is_read || member.value.empty());
    EXPECT_TRUE(member.value.empty() || (member.value.data() >= padded.data() &&
                                         member.value.data() < padded.data() + text.size()));
    values.emplace_back(member.value);
  }
  if (!is_read) return std::nullopt;
  return values;
}

TEST(JsonObject, SlicesMembersAsTheyStand) {
  EXPECT_THAT(*read(R"({"a":1,"b":"two","c":[3]})"), ElementsAre("1", "\"two\"", "[3]"));
  EXPECT_THAT(*read(" {\n\"a\" :\t 1e400 , \"b\" : { \"x\" : [ ] } \r\n, \"c\":null } "),
              ElementsAre("1e400", "{ \"x\" : [ ] }", "null"));
  EXPECT_THAT(*read(R"({"c":1.50,"z":[{"a":9}],"a":-0})"), ElementsAre("-0", "", "1.50"));
  EXPECT_THAT(*read("{}"), ElementsAre("", "", ""));
  EXPECT_THAT(*read(R"({"a":[]  ,"b":{}  })"), ElementsAre("[]", "{}", ""));
}

TEST(JsonObject, KeepsStringsWithTheirEscapes) {
  EXPECT_THAT(*read(R"({"a":"\ud800\/","b":"},\"","c":"\\"})"),
              ElementsAre(R"("\ud800\/")", R"("},\"")", R"("\\")"));
}

TEST(JsonObject, TheLastOfSeveralMembersCounts) {
  EXPECT_THAT(*read(R"({"a":1,"b":2,"a":[3]})"), ElementsAre("[3]", "2", ""));
}

TEST(JsonObject, UnderstandsEscapedNames) {
  EXPECT_THAT(*read(R"({"\u0061":1,"b":2,"\u0062":3,"\\c":4,"c\u0000":5})"),
              ElementsAre("1", "3", ""));
}

TEST(JsonObject, MembersOfMembersAreNotMembers) {
  EXPECT_THAT(*read(R"({"x":{"a":1},"y":["b",{"c":2}]})"), ElementsAre("", "", ""));
}

TEST(JsonObject, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", " ", "5", "null", "true", "\"a\"", "[]", "[{\"a\":1}]", "{\"a\":1", "{\"a\":[1",
        "{\"a\":{\"b\":1}", "{\"a\":1}}", "{\"a\":1},", "{\"a\":01}", "{\"a\":tru}",
        "{\"x\":[1 2]}", "{\"x\":\"\\q\"}", "{\"x\":1e}"}) {
    EXPECT_EQ(read(text), std::nullopt) << text;
  }
}

TEST(JsonObject, RefusesWhatIsNotUtf8) {
  for (const char* text :
       {"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"x\":\"\xf4\x90\x80\x80\"}", "{\"\xc3\":1}", "{\"a\":\"\xe2\x82\"}"}) {
    EXPECT_EQ(read(text), std::nullopt) << text;
  }
  EXPECT_NE(read("{\"a\":\"\xe2\x82\xac\xf0\x9f\x98\x80\"}"), std::nullopt);
}

TEST(JsonObject, ReadsTheDeepestObjectAndNoDeeper) {
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_NE(read(nested(1023)), std::nullopt);
  EXPECT_EQ(read(nested(1024)), std::nullopt);
}

TEST(JsonObject, IsAsGoodAsNewAfterAnyText) {
  EXPECT_EQ(read("{\"a\":"), std::nullopt);
  EXPECT_THAT(*read(R"({"a":1})"), ElementsAre("1", "", ""));
  const std::string large(100'000, 'x');
  EXPECT_THAT(*read(R"({"b":")" + large + "\"}"), ElementsAre("", "\"" + large + "\"", ""));
  EXPECT_EQ(read("{\"a\":\"\xff\"}"), std::nullopt);
  EXPECT_THAT(*read(R"({"a":1})"), ElementsAre("1", "", ""));
}

}  // namespace
}  // namespace heliograph::signal
