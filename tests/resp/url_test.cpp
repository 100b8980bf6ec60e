#include "resp/url.hpp"

#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace heliograph::resp {
namespace {

TEST(Url, NamesAServerByHostAndDefaultsTheRest) {
  EXPECT_EQ(parse_url("redis://cache.example"), (Url{.host = "cache.example"}));
  EXPECT_EQ(parse_url("redis://127.0.0.1:7000/"), (Url{.host = "127.0.0.1", .port = 7000}));
  EXPECT_EQ(parse_url("redis://h/15"), (Url{.host = "h", .database = 15}));
  EXPECT_EQ(parse_url("redis://[2001:db8::1]:6380/2"),
            (Url{.host = "2001:db8::1", .port = 6380, .database = 2}));
  EXPECT_EQ(parse_url("redis://[::1]"), (Url{.host = "::1"}));
}

TEST(Url, CarriesUserAndPasswordPercentEncoded) {
  EXPECT_EQ(parse_url("redis://alice:secret@h"),
            (Url{.host = "h", .user = "alice", .password = "secret"}));
  EXPECT_EQ(parse_url("redis://:secret@h:1/0"),
            (Url{.host = "h", .port = 1, .password = "secret"}));
  EXPECT_EQ(parse_url("redis://a%40b:p%2Fw%3A%00%ff@h"),
            (Url{.host = "h", .user = "a@b", .password = std::string("p/w:\0\xff", 6)}));
  EXPECT_EQ(parse_url("redis://u:p@ss:w@h"), (Url{.host = "h", .user = "u", .password = "p@ss:w"}));
}

TEST(Url, NamesAUnixSocketByItsPath) {
  EXPECT_EQ(parse_url("unix:/run/redis.sock"), (Url{.path = "/run/redis.sock"}));
  EXPECT_EQ(parse_url("unix:///run/redis.sock?db=3"),
            (Url{.path = "/run/redis.sock", .database = 3}));
  EXPECT_EQ(parse_url("unix:/a%20b%3F"), (Url{.path = "/a b?"}));
}

TEST(Url, AsksForTlsByTheSecondS) {
  EXPECT_EQ(parse_url("rediss://h"), (Url{.host = "h", .tls = true}));
  EXPECT_EQ(parse_url("rediss-cluster://h"),
            (Url{.host = "h", .tls = true, .topology = Topology::kCluster}));
  EXPECT_EQ(parse_url("rediss-sentinel://h/m"), (Url{.host = "h",
                                                     .port = kDefaultSentinelPort,
                                                     .tls = true,
                                                     .topology = Topology::kSentinel,
                                                     .master = "m"}));
}

TEST(Url, NamesSentinelsAndTheirMaster) {
  EXPECT_EQ(parse_url("redis-sentinel://u:p@s1,s2:7,[::1]:8/my%2Fmaster/3"),
            (Url{.host = "s1",
                 .port = kDefaultSentinelPort,
                 .user = "u",
                 .password = "p",
                 .database = 3,
                 .topology = Topology::kSentinel,
                 .more = {{.host = "s2", .port = 7}, {.host = "::1", .port = 8}},
                 .master = "my/master"}));
}

TEST(Url, NamesServersOfACluster) {
  EXPECT_EQ(parse_url("redis-cluster://:p@h1:1,h2/"), (Url{.host = "h1",
                                                           .port = 1,
                                                           .password = "p",
                                                           .topology = Topology::kCluster,
                                                           .more = {{.host = "h2"}}}));
}

TEST(Url, TakesAddressesUpToTheLimitAndRefusesOneMore) {
  std::string url = "redis-cluster://h";
  for (int i = 1; i < 64; ++i) url += ",h";
  const auto parsed = parse_url(url);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->more.size(), 63u);
  EXPECT_EQ(parse_url(url + ",h").error(), UrlError::kTooManyAddresses);
}

TEST(Url, PrintsAddressesAsItReadsThem) {
  EXPECT_EQ(to_text(Address{.host = "h", .port = 7}), "h:7");
  EXPECT_EQ(to_text(Address{.host = "::1", .port = 7}), "[::1]:7");
}

struct BadUrl {
  std::string_view text;
  UrlError error;
};

constexpr BadUrl kBad[] = {
    {"", UrlError::kUnknownScheme},
    {"localhost:6379", UrlError::kUnknownScheme},
    {"http://h", UrlError::kUnknownScheme},
    {"redis:h", UrlError::kUnknownScheme},
    {"redis://", UrlError::kNoHost},
    {"redis://:6379", UrlError::kNoHost},
    {"redis://u:p@", UrlError::kNoHost},
    {"redis://[]", UrlError::kNoHost},
    {"redis://[::1", UrlError::kBadHost},
    {"redis://[::1]x", UrlError::kBadHost},
    {"redis://[example]", UrlError::kBadHost},
    {"redis://a b", UrlError::kBadHost},
    {"redis://a?db=1", UrlError::kBadHost},
    {"redis://h:", UrlError::kBadPort},
    {"redis://h:0", UrlError::kBadPort},
    {"redis://h:65536", UrlError::kBadPort},
    {"redis://h:-1", UrlError::kBadPort},
    {"redis://h:6379x", UrlError::kBadPort},
    {"redis://::1", UrlError::kNoHost},
    {"redis://user@h", UrlError::kUserWithoutPassword},
    {"redis://user:@h", UrlError::kUserWithoutPassword},
    {"redis://h/x", UrlError::kBadDatabase},
    {"redis://h/-1", UrlError::kBadDatabase},
    {"redis://h/1/2", UrlError::kBadDatabase},
    {"redis://h/2147483648", UrlError::kBadDatabase},
    {"redis://u:%@h", UrlError::kBadPercentEncoding},
    {"redis://u:%4@h", UrlError::kBadPercentEncoding},
    {"redis://u:%4g@h", UrlError::kBadPercentEncoding},
    {"redis://u:%-1@h", UrlError::kBadPercentEncoding},
    {"redis://h1,h2", UrlError::kBadHost},
    {"redis-sentinel://h", UrlError::kNoMaster},
    {"redis-sentinel://h/", UrlError::kNoMaster},
    {"redis-sentinel://h//3", UrlError::kNoMaster},
    {"redis-sentinel://h/a%20b", UrlError::kBadMaster},
    {"redis-sentinel://h/a%0d", UrlError::kBadMaster},
    {"redis-sentinel://h/a%00b", UrlError::kBadMaster},
    {"redis-sentinel://h/a%", UrlError::kBadPercentEncoding},
    {"redis-sentinel://h/m/x", UrlError::kBadDatabase},
    {"redis-sentinel://h,/m", UrlError::kNoHost},
    {"redis-sentinel://,h/m", UrlError::kNoHost},
    {"redis-sentinel://h,i:0/m", UrlError::kBadPort},
    {"redis-cluster://h/1", UrlError::kDatabaseInCluster},
    {"redis-cluster://", UrlError::kNoHost},
    {"rediss:h", UrlError::kUnknownScheme},
    {"unix:", UrlError::kNoPath},
    {"unix://", UrlError::kNoPath},
    {"unix:redis.sock", UrlError::kBadPath},
    {"unix:/a%00b", UrlError::kBadPath},
    {"unix:/a%2", UrlError::kBadPercentEncoding},
    {"unix:/a?db=", UrlError::kBadDatabase},
    {"unix:/a?db=x", UrlError::kBadDatabase},
    {"unix:/a?database=1", UrlError::kUnknownParameter},
};

TEST(Url, SaysWhatIsWrong) {
  for (const auto& [text, error] : kBad) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error(), error) << text << ": " << describe(url.error());
  }
}

TEST(Url, DescribesEveryErrorInWordsOfItsOwn) {
  std::set<std::string_view> sentences = {describe(UrlError::kTooManyAddresses)};
  std::set<UrlError> errors = {UrlError::kTooManyAddresses};
  for (const auto& [text, error] : kBad) {
    sentences.insert(describe(error));
    errors.insert(error);
  }
  EXPECT_EQ(sentences.size(), errors.size());
  EXPECT_EQ(errors.size(), static_cast<std::size_t>(UrlError::kTooManyAddresses) + 1);
}

TEST(Url, AcceptsTheLargestPortAndDatabase) {
  EXPECT_EQ(parse_url("redis://h:65535/2147483647"),
            (Url{.host = "h", .port = 65535, .database = 2147483647}));
}

}  // namespace
}  // namespace heliograph::resp
