#include "resp/value.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/resp/parsed.hpp"

namespace heliograph::resp {
namespace {

TEST(Reply, IsNullWhenMadeFromNothing) {
  const Reply reply;
  EXPECT_TRUE(reply.is_null());
  EXPECT_EQ(reply.text(), "");
  EXPECT_EQ(reply.size(), 0u);
  EXPECT_TRUE(reply.children().empty());
  EXPECT_TRUE(reply.attributes().empty());
  EXPECT_EQ(to_text(reply), "null");
}

TEST(Reply, GivesScalarsByTheirType) {
  EXPECT_EQ(Parsed(":-42\r\n")->integer(), -42);
  EXPECT_EQ(Parsed(":-9223372036854775808\r\n")->integer(), INT64_MIN);
  EXPECT_EQ(Parsed(",-2.5e3\r\n")->number(), -2500.0);
  EXPECT_EQ(Parsed(",inf\r\n")->number(), INFINITY);
  EXPECT_EQ(Parsed(",-inf\r\n")->number(), -INFINITY);
  EXPECT_TRUE(std::isnan(Parsed(",nan\r\n")->number()));
  EXPECT_TRUE(Parsed("#t\r\n")->boolean());
  EXPECT_FALSE(Parsed("#f\r\n")->boolean());
  EXPECT_EQ(Parsed("=7\r\nmkd:abc\r\n")->text(), "abc");
  EXPECT_EQ(Parsed("=7\r\nmkd:abc\r\n")->format(), "mkd");
  EXPECT_EQ(Parsed("(123\r\n")->text(), "123");
}

TEST(Reply, GivesZeroAndNothingForAccessorsOfOtherTypes) {
  const Parsed text("+1\r\n");
  EXPECT_EQ(text->integer(), 0);
  EXPECT_EQ(text->number(), 0.0);
  EXPECT_FALSE(text->boolean());
  EXPECT_EQ(text->format(), "");
  EXPECT_EQ(text->error_code(), "");
  EXPECT_TRUE((*text)[0].is_null());
  EXPECT_EQ(Parsed(",1.5\r\n")->integer(), 0);
  EXPECT_EQ(Parsed(":1\r\n")->number(), 0.0);
}

TEST(Reply, NamesTheCodeOfAnError) {
  EXPECT_EQ(Parsed("-WRONGPASS invalid pair\r\n")->error_code(), "WRONGPASS");
  EXPECT_EQ(Parsed("!7\r\nLOADING\r\n")->error_code(), "LOADING");
  EXPECT_TRUE(Parsed("!7\r\nLOADING\r\n")->is_error());
}

TEST(Reply, IteratesOverChildrenAndNotOverTheirChildren) {
  const Parsed reply("*4\r\n:1\r\n*2\r\n:8\r\n:9\r\n+x\r\n*0\r\n");
  std::vector<std::string> children;
  for (const Reply child : reply->children()) children.push_back(to_text(child));
  EXPECT_EQ(children, (std::vector<std::string>{":1", "*[:8, :9]", "+\"x\"", "*[]"}));
  EXPECT_EQ(reply->size(), 4u);
  EXPECT_EQ((*reply)[1][1].integer(), 9);
  EXPECT_TRUE((*reply)[4].is_null());
}

TEST(Reply, KeepsAttributesApartFromChildren) {
  const Parsed reply(
      "|1\r\n+top\r\n:0\r\n*3\r\n|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n*1\r\n:2\r\n+x\r\n+y\r\n|0\r\n+"
      "z\r\n");
  std::vector<std::string> children;
  for (const Reply child : reply->children()) children.emplace_back(child.text());
  EXPECT_EQ(children, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_EQ(reply->size(), 3u);

  std::vector<std::string> attributes;
  for (const Reply attribute : (*reply)[0].attributes()) attributes.push_back(to_text(attribute));
  EXPECT_EQ(attributes, (std::vector<std::string>{"|[+\"a\", :1]", "|[+\"b\", *[:2]]"}));
  EXPECT_TRUE((*reply)[1].attributes().empty());
  EXPECT_EQ((*(*reply)[2].attributes().begin()).size(), 0u);
  EXPECT_EQ((*reply->attributes().begin()).find("top").text(), "0");
}

TEST(Reply, FindsTheValueOfAKeyInAMap) {
  const Parsed map("%3\r\n+server\r\n$5\r\nredis\r\n:1\r\n:2\r\n$5\r\nproto\r\n:3\r\n");
  EXPECT_EQ(map->find("server").text(), "redis");
  EXPECT_EQ(map->find("proto").integer(), 3);
  EXPECT_TRUE(map->find("redis").is_null());
  EXPECT_TRUE(map->find("1").is_null());
  EXPECT_TRUE(Parsed("*2\r\n+a\r\n+b\r\n")->find("a").is_null());
}

TEST(Reply, IsEqualToTheSameValuesWhereverTheyWereRead) {
  const Parsed nested("*2\r\n*2\r\n:1\r\n$1\r\na\r\n:5\r\n");
  EXPECT_TRUE(*nested == *Parsed("*2\r\n*2\r\n:1\r\n$1\r\na\r\n:5\r\n"));
  EXPECT_TRUE((*nested)[0] == *Parsed("*2\r\n:1\r\n$1\r\na\r\n"));
  // As many values, another shape.
  EXPECT_FALSE(*Parsed("*2\r\n*1\r\n:1\r\n:2\r\n") == *Parsed("*2\r\n:1\r\n*1\r\n:2\r\n"));
  EXPECT_FALSE(*Parsed("+a\r\n") == *Parsed("$1\r\na\r\n"));
  EXPECT_FALSE(*Parsed(":1\r\n") == *Parsed(":2\r\n"));
  EXPECT_FALSE(*Parsed("#t\r\n") == *Parsed("#f\r\n"));
  EXPECT_FALSE(*Parsed("=5\r\ntxt:a\r\n") == *Parsed("=5\r\nmkd:a\r\n"));
  EXPECT_FALSE(*Parsed("|1\r\n+a\r\n:1\r\n:2\r\n") == *Parsed(":2\r\n"));
  EXPECT_TRUE(*Parsed("|1\r\n+a\r\n:1\r\n:2\r\n") == *Parsed("|1\r\n+a\r\n:1\r\n:2\r\n"));
}

TEST(Reply, PrintsBytesThatAreNotPrintableEscaped) {
  EXPECT_EQ(to_text(*Parsed("$6\r\n\"\\\n\x7f\xc3z\r\n")), R"("\"\\\x0a\x7f\xc3z")");
}

}  // namespace
}  // namespace heliograph::resp
