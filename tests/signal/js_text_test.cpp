#include "signal/js_text.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

// Expected values: Node.js 20, String(JSON.parse(value)).
TEST(JsText, ShowsValuesAsJavaScriptDoes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"0.0", "0"},
      {"-0e5", "0"},
      {"1", "1"},
      {"-1", "-1"},
      {"5", "5"},
      {"10", "10"},
      {"100", "100"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"123456789012345680000", "123456789012345680000"},
      {"1.5", "1.5"},
      {"-1.25", "-1.25"},
      {"0.1", "0.1"},
      {"1e-6", "0.000001"},
      {"1e-7", "1e-7"},
      {"0.000001", "0.000001"},
      {"1.5e-7", "1.5e-7"},
      {"123e-20", "1.23e-18"},
      {"1e400", "Infinity"},
      {"-1e400", "-Infinity"},
      {"1e-400", "0"},
      {"-1e-400", "0"},
      {"5e-324", "5e-324"},
      {"4.9e-324", "5e-324"},
      {"2e-324", "0"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"1.7976931348623159e308", "Infinity"},
      {"9007199254740993", "9007199254740992"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"1E5", "100000"},
      {"1e+5", "100000"},
      {"100000000000000000000000e-2", "1e+21"},
      {"0e400", "0"},
      {"0.0e999999999999", "0"},
      {"1e99999999999999999999", "Infinity"},
      {"1e-99999999999999999999", "0"},
      {"12345.678e3", "12345678"},
      {"1180591620717411303424", "1.1805916207174113e+21"},
      {"9223372036854775808", "9223372036854776000"},
      {"0.00001234", "0.00001234"},
      {"1000000000000000128", "1000000000000000100"},
      {"123456.789e-10", "0.0000123456789"},
      {"1.0", "1"},
      {"10.50", "10.5"},
      {"null", "null"},
      {"true", "true"},
      {"false", "false"},
      {"\"x\"", "x"},
      {"\"\"", ""},
      {"[]", ""},
      {"[null]", ""},
      {"[1,2]", "1,2"},
      {"[1,[2,3],[[4]]]", "1,2,3,4"},
      {"{}", "[object Object]"},
      {"{\"a\":1}", "[object Object]"},
      {"[{},{\"a\":[1,2]},\"b\"]", "[object Object],[object Object],b"},
      {"[true,false,null]", "true,false,"},
      {"[\"a,b\",\"c\"]", "a,b,c"},
      {"[ 1 , 2 ]", "1,2"},
      {"[[],[]]", ","},
      {"{\"a\":\"}\"}", "[object Object]"},
      {"[{\"a\":\"\\\\\"},1]", "[object Object],1"},
      {"[\"\\u0041\",\"\\n\"]", "A,\n"},
      {"[1e21,-0]", "1e+21,0"},
      {"[[null],null]", ","},
  };
  for (const auto& [value, shown] : cases) EXPECT_EQ(js_text(value), shown) << value;
}

TEST(JsText, ShowsNumbersOfManyDigitsByTheirValue) {
  const std::string zeros(400, '0');
  EXPECT_EQ(js_text("0." + zeros + "1e401"), "1");
  EXPECT_EQ(js_text("1" + zeros + "e-400"), "1");
  EXPECT_EQ(js_text("1" + zeros), "Infinity");
  EXPECT_EQ(js_text("-1" + zeros + ".5"), "-Infinity");
  EXPECT_EQ(js_text("0." + zeros + "1"), "0");
  EXPECT_EQ(js_text("0." + zeros + "1e-5"), "0");
}

TEST(JsText, LetsLoneSurrogatesThrough) {
  EXPECT_EQ(js_text(R"("\ud800")"), "\xed\xa0\x80");
}

TEST(JsText, ShowsDeepArraysWithoutDepth) {
  const std::string deep = std::string(1024, '[') + "1,2" + std::string(1024, ']');
  EXPECT_EQ(js_text(deep), "1,2");
}

TEST(JsText, GrowsAtMostEightfold) {
  std::string objects = "[{}";
  std::string numbers = "[1e20";
  for (int i = 0; i < 1000; ++i) {
    objects += ",{}";
    numbers += ",1e20";
  }
  for (const std::string& value : {std::string("{}"), objects + "]", numbers + "]"}) {
    EXPECT_LE(js_text(value).size(), 8 * value.size());
  }
}

}  // namespace
}  // namespace heliograph::signal
