#include "tls/server_name.hpp"

#include <gtest/gtest.h>

namespace heliograph::tls {
namespace {

TEST(ServerName, IsADnsName) {
  const std::string longest_label(63, 'a');
  for (const std::string& text :
       {std::string("a"), std::string("localhost"), std::string("a-1.example.com"),
        std::string("_service.Example.COM"), std::string("1.2.3.4.5"), std::string("1.2.3.x"),
        longest_label + ".com"}) {
    const auto name = ServerName::parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->text(), text);
    EXPECT_EQ(name->sni(), text);
  }
}

TEST(ServerName, IsTheSameWithADotAtItsEnd) {
  EXPECT_EQ(ServerName::parse("example.com.")->text(), "example.com");
}

TEST(ServerName, OrAnAddressWhichIsNotSent) {
  for (const std::string_view text : {"192.0.2.1", "2001:db8::1", "::", "::ffff:192.0.2.1"}) {
    const auto name = ServerName::parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->text(), text);
    EXPECT_EQ(name->sni(), "");
  }
}

TEST(ServerName, IsNothingElse) {
  const std::string label = std::string(63, 'a') + '.';
  for (const std::string& text :
       {std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string("a/b"), std::string("*.example.com"), std::string("[::1]"),
        std::string("example.com:443"), std::string("b\xc3\xbc.example"), std::string(64, 'a'),
        label + label + label + label}) {
    const auto name = ServerName::parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_FALSE(name.error().empty());
  }
  EXPECT_EQ(ServerName::parse("").error(), "the server's name is empty");
  EXPECT_EQ(ServerName::parse("a b").error(), "'a b' is neither a DNS name nor an IP address");
}

TEST(ServerName, MayBeAny) {
  EXPECT_EQ(ServerName::any().text(), "");
  EXPECT_EQ(ServerName::any().sni(), "");
}

}  // namespace
}  // namespace heliograph::tls
