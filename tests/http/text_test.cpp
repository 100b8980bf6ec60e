#include "http/text.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace heliograph::http {
namespace {

// RFC 9110 section 5.6.2.
TEST(HttpText, TokenCharactersAreThoseOfTheGrammar) {
  const std::string_view expected =
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
  std::string actual;
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    if (is_token_character(character)) actual += character;
  }
  EXPECT_EQ(actual, expected);
}

TEST(HttpText, AnEmptyTextIsNoToken) {
  EXPECT_FALSE(is_token(""));
  EXPECT_TRUE(is_token("GET"));
  EXPECT_FALSE(is_token("GE T"));
}

TEST(HttpText, TrimsSpacesAndTabsAtBothEndsOnly) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed("ab"), "ab");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\va"), "\va");
}

TEST(HttpText, IgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(equal_ignoring_case("WebSocket", "websockeT"));
  EXPECT_FALSE(equal_ignoring_case("websocket", "websockets"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
}

TEST(HttpText, TakesTheMembersOfAList) {
  std::string_view list = "a, b ,,\tc";
  EXPECT_EQ(take_list_member(list), "a");
  EXPECT_EQ(take_list_member(list), "b");
  EXPECT_EQ(take_list_member(list), "");
  EXPECT_EQ(take_list_member(list), "c");
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(take_list_member(list), "");
}

TEST(HttpText, FindsATokenInAListAndNotInsideAnother) {
  EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(has_token("upgrade", "Upgrade"));
  EXPECT_FALSE(has_token("upgrade-insecure", "upgrade"));
  EXPECT_FALSE(has_token("keep alive upgrade", "upgrade"));
  EXPECT_FALSE(has_token("", "upgrade"));
}

}  // namespace
}  // namespace heliograph::http
