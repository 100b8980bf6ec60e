#include "ws/origin.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace heliograph::ws {
namespace {

TEST(WsOrigin, ReadsSchemeHostAndPort) {
  EXPECT_EQ(parse_origin("https://example.org"), (Origin{"https", "example.org", 443}));
  EXPECT_EQ(parse_origin("HTTP://Example.ORG:8080"), (Origin{"http", "example.org", 8080}));
  EXPECT_EQ(parse_origin("http://[::1]"), (Origin{"http", "[::1]", 80}));
  EXPECT_EQ(parse_origin("http://[::1]:65535"), (Origin{"http", "[::1]", 65535}));
  EXPECT_EQ(parse_origin("https://127.0.0.1:443"), parse_origin("https://127.0.0.1"));
  EXPECT_EQ(parse_origin("app://local:1"), (Origin{"app", "local", 1}));
}

TEST(WsOrigin, RefusesWhatIsNoOrigin) {
  for (const std::string_view text : {"",
                                      "null",
                                      "example.org",
                                      "://example.org",
                                      "https://",
                                      "https://example.org/",
                                      "https://example.org/a",
                                      "https://u@example.org",
                                      "https://example.org:",
                                      "https://example.org:0",
                                      "https://example.org:65536",
                                      "https://example.org:+1",
                                      "https://example.org: 1",
                                      "https://example.org:1:2",
                                      "https://a b",
                                      "https://[::1",
                                      "https://[]",
                                      "https://[::1]a",
                                      "https://::1",
                                      "app://local",
                                      "https://a,https://b",
                                      "https://a https://b",
                                      "https://ex\xc3\xa4mple"}) {
    EXPECT_FALSE(parse_origin(text).has_value()) << text;
  }
}

TEST(WsOriginPolicy, AnyAllowsEverything) {
  EXPECT_TRUE(OriginPolicy::any().allows("https://evil.example", "example.org"));
  EXPECT_TRUE(OriginPolicy::any().allows("null", "example.org"));
  EXPECT_TRUE(OriginPolicy::any().allows(std::nullopt, "example.org"));
}

TEST(WsOriginPolicy, SameComparesHostAndPort) {
  const OriginPolicy policy = OriginPolicy::same();
  EXPECT_TRUE(policy.allows(std::nullopt, "example.org"));
  EXPECT_TRUE(policy.allows("https://example.org", "example.org"));
  EXPECT_TRUE(policy.allows("https://example.org", "Example.org:443"));
  EXPECT_TRUE(policy.allows("https://example.org:9090", "example.org:9090"));
  EXPECT_TRUE(policy.allows("https://[::1]:9090", "[::1]:9090"));
  EXPECT_FALSE(policy.allows("https://example.org", "example.org:9090"));
  EXPECT_FALSE(policy.allows("https://example.org:9090", "example.org"));
  EXPECT_FALSE(policy.allows("https://example.org.evil.example", "example.org"));
  EXPECT_FALSE(policy.allows("https://sub.example.org", "example.org"));
  EXPECT_FALSE(policy.allows("null", "null"));
  EXPECT_FALSE(policy.allows("", ""));
  EXPECT_FALSE(policy.allows("https://example.org", ""));
}

TEST(WsOriginPolicy, AListComparesParsedOrigins) {
  const OriginPolicy policy =
      OriginPolicy::list({*parse_origin("https://example.org"), *parse_origin("http://a:8080")});
  EXPECT_TRUE(policy.allows(std::nullopt, "x"));
  EXPECT_TRUE(policy.allows("https://example.org:443", "x"));
  EXPECT_TRUE(policy.allows("HTTPS://EXAMPLE.ORG", "x"));
  EXPECT_TRUE(policy.allows("http://a:8080", "x"));
  EXPECT_FALSE(policy.allows("http://example.org", "x"));
  EXPECT_FALSE(policy.allows("http://a", "x"));
  EXPECT_FALSE(policy.allows("http://x", "x"));
  EXPECT_FALSE(policy.allows("null", "x"));
}

}  // namespace
}  // namespace heliograph::ws
