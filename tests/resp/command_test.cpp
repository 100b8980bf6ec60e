#include "resp/command.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::resp {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::string_view kDigest = "0123456789012345678901234567890123456789";
constexpr Script kScript = {.source = "return 1", .digest = kDigest};
constexpr Script kIdempotent = {.source = "return 1", .digest = kDigest, .idempotent = true};

std::string encoded(const Words& words) {
  Buffer output;
  encode(words, output);
  return std::string(output.text());
}

struct Case {
  Command command;
  Words words;
  std::optional<std::string_view> key;
  bool may_resend;
};

std::vector<Case> cases() {
  static constexpr std::array<std::string_view, 2> kKeys = {"k", "l"};
  static constexpr std::array<std::string_view, 2> kArguments = {"a\r\n", ""};
  static constexpr std::array<std::string_view, 2> kOther = {"INFO", "server"};
  using When = SetOptions::When;
  return {
      {Command::get("k"), {"GET", "k"}, "k", true},
      {Command::set("k", "v"), {"SET", "k", "v"}, "k", false},
      {Command::set("k", "v", {.expire_ms = 6000, .when = When::kPresent}),
       {"SET", "k", "v", "PX", "6000", "XX"},
       "k",
       false},
      {Command::set("k", "v", {.expire_seconds = 60, .when = When::kMissing, .get = true}),
       {"SET", "k", "v", "EX", "60", "NX", "GET"},
       "k",
       false},
      {Command::set("k", "v", {.keep_ttl = true}), {"SET", "k", "v", "KEEPTTL"}, "k", false},
      {Command::del(kKeys), {"DEL", "k", "l"}, "k", false},
      {Command::exists(kKeys), {"EXISTS", "k", "l"}, "k", true},
      {Command::hget("k", "f"), {"HGET", "k", "f"}, "k", true},
      {Command::incr("k"), {"INCR", "k"}, "k", false},
      {Command::pexpire("k", 18446744073709551615u),
       {"PEXPIRE", "k", "18446744073709551615"},
       "k",
       false},
      {Command::run(kScript, kKeys, kArguments),
       {"EVALSHA", kDigest, "2", "k", "l", "a\r\n", ""},
       "k",
       false},
      {Command::run(kIdempotent, {}, {}), {"EVALSHA", kDigest, "0"}, std::nullopt, true},
      {Command::publish("c", "m"), {"PUBLISH", "c", "m"}, "c", false},
      {Command::spublish("c", "m"), {"SPUBLISH", "c", "m"}, "c", false},
      {Command::scan("0"), {"SCAN", "0"}, std::nullopt, true},
      {Command::scan("7", {.match = "a*", .count = 100}),
       {"SCAN", "7", "MATCH", "a*", "COUNT", "100"},
       std::nullopt,
       true},
      {Command::ping(), {"PING"}, std::nullopt, true},
      {Command::role(), {"ROLE"}, std::nullopt, true},
      {Command::other(kOther), {"INFO", "server"}, std::nullopt, false},
      {Command::other(kOther, "server"), {"INFO", "server"}, "server", false},
  };
}

TEST(Command, KnowsItsWordsItsKeyAndWhetherItMayBeResent) {
  for (const auto& [command, words, key, may_resend] : cases()) {
    Buffer output;
    command.encode(output);
    EXPECT_EQ(output.text(), encoded(words));
    EXPECT_EQ(output.size(), command.encoded_size()) << words[0];
    EXPECT_EQ(command.key(), key) << words[0];
    EXPECT_EQ(command.may_resend(), may_resend) << words[0];
    EXPECT_TRUE(command.has_one_reply()) << words[0];
    // A copy views the same arguments.
    const Command copy = command;
    Buffer again;
    copy.encode(again);
    EXPECT_EQ(again.text(), output.text());
  }
}

TEST(Command, IsOfAnyServerWithoutKeys) {
  EXPECT_EQ(Command::del({}).key(), std::nullopt);
  EXPECT_EQ(Command::exists({}).key(), std::nullopt);
}

TEST(Command, BecomesEvalWithAllItsArguments) {
  for (const std::size_t count : {0u, 1u, 9u, 10u, 200u}) {
    const std::vector<std::string> texts(count, "k$7\r\nEVALSHA\r\n");
    const Words keys(texts.begin(), texts.end());
    Buffer evalsha;
    Command::run(kScript, keys, keys).encode(evalsha);
    Buffer eval;
    encode_eval(evalsha.bytes(), kScript, eval);
    const std::string number = std::to_string(count);
    Words words = {"EVAL", "return 1", number};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), keys.begin(), keys.end());
    EXPECT_EQ(eval.text(), encoded(words));
  }
}

TEST(Types, HoldWhatTheyWereMadeOf) {
  constexpr Types kTwo = {Type::kNull, Type::kAttribute};
  EXPECT_TRUE(kTwo.contains(Type::kNull));
  EXPECT_TRUE(kTwo.contains(Type::kAttribute));
  EXPECT_FALSE(kTwo.contains(Type::kInteger));
  EXPECT_TRUE(Types::any().contains(Type::kMap));
}

}  // namespace
}  // namespace heliograph::resp
