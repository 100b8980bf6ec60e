#include "resp/encoder.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "resp/parser.hpp"

namespace heliograph::resp {
namespace {

TEST(Encoder, WritesAnArrayOfBulkStrings) {
  Buffer output;
  encode({"GET", "key", ""}, output);
  EXPECT_EQ(output.text(), "*3\r\n$3\r\nGET\r\n$3\r\nkey\r\n$0\r\n\r\n");
}

TEST(Encoder, KeepsACommandInsideAnArgumentAnArgument) {
  Buffer output;
  encode({"GET", "a\r\nSET pwned 1"}, output);
  EXPECT_EQ(output.text(), "*2\r\n$3\r\nGET\r\n$14\r\na\r\nSET pwned 1\r\n");
}

TEST(Encoder, AppendsToWhatIsThere) {
  Buffer output;
  encode({"PING"}, output);
  encode({"PING"}, output);
  EXPECT_EQ(output.text(), "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
}

// Often one of those that mean something in RESP.
char any_byte(std::mt19937& random) {
  static constexpr std::string_view kSpecial("\r\n\0$", 4);
  return random() % 4 == 0 ? kSpecial[random() % kSpecial.size()] : static_cast<char>(random());
}

TEST(Encoder, PreservesAnyBytesAndKnowsTheSizeInAdvance) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> arguments(1 + random() % 12);
    for (std::string& argument : arguments) {
      argument.resize(random() % 120);
      for (char& c : argument) c = any_byte(random);
    }
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    Buffer output;
    encode(views, output);
    ASSERT_EQ(output.size(), encoded_size(views));

    Parser parser;
    MutableBytes input = output.mutable_bytes();
    const auto reply = parser.receive(input);
    ASSERT_TRUE(reply && *reply);
    ASSERT_TRUE(input.empty());
    ASSERT_EQ((*reply)->size(), arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) ASSERT_EQ((**reply)[i].text(), arguments[i]);
  }
}

}  // namespace
}  // namespace heliograph::resp
