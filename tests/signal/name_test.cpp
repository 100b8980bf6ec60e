#include "signal/name.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using namespace std::string_literals;

TEST(Name, AcceptsAnyTextWithoutControlCharacters) {
  for (const std::string& name :
       {"a"s, "user1"s, "a b"s, " "s, "toString"s, "__proto__"s, "\"\\"s, "a:b"s, "\xc3\xa9"s,
        "\xc2\xa0"s, "\xf0\x9f\x98\x80"s, std::string(128, 'x')}) {
    EXPECT_TRUE(is_name(name)) << name;
  }
}

TEST(Name, RefusesEverythingElse) {
  for (const std::string& name :
       {""s, "\0"s, "a\nb"s, "\x1f"s, "\x7f"s, "\xc2\x80"s, "\xc2\x9f"s, "\xff"s, "\xc3"s,
        "\xc0\x80"s, "\xed\xa0\x80"s, std::string(129, 'x')}) {
    EXPECT_FALSE(is_name(name)) << name;
  }
}

TEST(Name, OnlyTheReservedPrefixKeepsANameFromLoggingIn) {
  const Settings settings;
  EXPECT_FALSE(may_log_in("hg:", settings));
  EXPECT_FALSE(may_log_in("hg:u:{x}", settings));
  EXPECT_TRUE(may_log_in("hg", settings));
  EXPECT_TRUE(may_log_in("HG:x", settings));
  EXPECT_TRUE(may_log_in("xhg:", settings));
  Settings none;
  none.reserved_prefix.clear();
  EXPECT_TRUE(may_log_in("hg:x", none));
}

}  // namespace
}  // namespace heliograph::signal
