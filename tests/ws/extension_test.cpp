#include "ws/extension.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::ws {
namespace {

// The list written down again; "malformed" for nothing.
std::string read(std::string_view value) {
  const auto extensions = parse_extensions(value);
  if (!extensions) return "malformed";
  std::string text;
  for (const Extension& extension : *extensions) {
    text.append("[").append(extension.name);
    for (const ExtensionParameter& parameter : extension.parameters) {
      text.append(" ").append(parameter.name);
      if (parameter.value) text.append("=").append(*parameter.value);
    }
    text += "]";
  }
  return text;
}

TEST(Extension, ListsAreRead) {
  EXPECT_EQ(read("permessage-deflate"), "[permessage-deflate]");
  EXPECT_EQ(read("foo; bar; baz=1, qux"), "[foo bar baz=1][qux]");
  EXPECT_EQ(read("  foo\t;bar = 10 ,baz  "), "[foo bar=10][baz]");
  EXPECT_EQ(read(R"(foo; bar="10"; baz="\1\0")"), "[foo bar=10 baz=10]");
}

TEST(Extension, EmptyMembersAreIgnored) {
  EXPECT_EQ(read(",foo"), "[foo]");
  EXPECT_EQ(read("foo,"), "[foo]");
  EXPECT_EQ(read(" , ,foo; bar\t,, , baz ,"), "[foo bar][baz]");
}

TEST(Extension, WhatIsNoListIsMalformed) {
  for (const std::string_view value :
       {"", " ", ",", " , ,", "foo;,", "foo;", "foo;;bar", "foo;=1", "foo; bar=", "foo; bar=\"1",
        "foo; bar=\"\"", "foo; bar=\"a b\"", "foo; bar=\"1\" 2", "foo bar", "foo; bar=\"\\",
        "\"foo\"", "foo; b\x01r"}) {
    EXPECT_EQ(read(value), "malformed") << value;
  }
}

TEST(Extension, ListsHaveAnEnd) {
  const auto repeated = [](std::string_view first, std::string_view more, std::size_t count) {
    std::string text(first);
    for (std::size_t i = 1; i < count; ++i) text += more;
    return parse_extensions(text).has_value();
  };
  EXPECT_TRUE(repeated("a", ",a", kMaxExtensions));
  EXPECT_FALSE(repeated("a", ",a", kMaxExtensions + 1));
  EXPECT_TRUE(repeated("a", ",", kMaxExtensions));
  EXPECT_FALSE(repeated("a", ",", kMaxExtensions + 1));
  EXPECT_TRUE(repeated("a;b", ";b", kMaxExtensionParameters));
  EXPECT_FALSE(repeated("a;b", ";b", kMaxExtensionParameters + 1));
}

}  // namespace
}  // namespace heliograph::ws
