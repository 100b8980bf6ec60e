// The client against a real redis-server.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resp/test_client.hpp"

namespace heliograph::resp {
namespace {

using heliograph::testing::RedisServer;
using heliograph::testing::TestClient;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Lines = std::vector<std::string>;
using Words = std::vector<std::string_view>;

// SHA-1 of the source, by sha1sum.
constexpr Script kClaim = {
    .source =
        "local c=redis.call('GET',KEYS[1]) if (not c) or c==ARGV[1] then "
        "redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2]) return {1,c or ''} end return {0,c}",
    .digest = "8a00ac7f337e62bdfdd3223d965b688ee79f2433",
    .idempotent = true};

std::string other(TestClient& client, const Words& words) {
  return client.ask(Command::other(words));
}

class ClientOfRedis : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not in PATH";
  }
};

TEST_F(ClientOfRedis, SpeaksEveryTypedCommand) {
  const RedisServer server({.tcp = true});
  TestClient client(server.url());
  ASSERT_TRUE(client.run_until_up());
  EXPECT_THAT(client.lines(), ElementsAre("up 127.0.0.1:" + std::to_string(server.port())));
  EXPECT_EQ(client.client().protocol(), 3);
  using When = SetOptions::When;
  const Words keys = {"k", "n", "none"};
  EXPECT_EQ(client.ask(Command::get("k")), "null");
  EXPECT_EQ(client.ask(Command::set("k", "v")), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::set("k", "w", {.when = When::kMissing})), "null");
  EXPECT_EQ(client.ask(Command::set("none", "w", {.when = When::kPresent})), "null");
  EXPECT_EQ(client.ask(Command::set("k", "w", {.expire_ms = 60'000, .get = true})), "\"v\"");
  EXPECT_EQ(client.ask(Command::set("k", "x", {.keep_ttl = true})), "+\"OK\"");
  EXPECT_NE(other(client, {"PTTL", "k"}), ":-1");
  EXPECT_EQ(client.ask(Command::set("k", "y", {.expire_seconds = 60})), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::get("k")), "\"y\"");
  EXPECT_EQ(client.ask(Command::incr("n")), ":1");
  EXPECT_EQ(client.ask(Command::pexpire("n", 60'000)), ":1");
  EXPECT_EQ(client.ask(Command::exists(keys)), ":2");
  EXPECT_EQ(client.ask(Command::scan("0", {.match = "n*", .count = 100})), "*[\"0\", *[\"n\"]]");
  EXPECT_EQ(client.ask(Command::del(keys)), ":2");
  EXPECT_EQ(other(client, {"HSET", "h", "f", "v"}), ":1");
  EXPECT_EQ(client.ask(Command::hget("h", "f")), "\"v\"");
  EXPECT_EQ(client.ask(Command::hget("h", "g")), "null");
  EXPECT_EQ(client.ask(Command::publish("c", "m")), ":0");
  EXPECT_EQ(client.ask(Command::spublish("c", "m")), ":0");
  EXPECT_EQ(client.ask(Command::ping()), "+\"PONG\"");
  EXPECT_THAT(client.ask(Command::role()), StartsWith("*[\"master\""));
  EXPECT_THAT(client.ask(Command::get("h")), StartsWith("-\"WRONGTYPE"));
  EXPECT_EQ(other(client, {"MONITOR"}), "not accepted");
}

TEST_F(ClientOfRedis, SendsAScriptThatTheServerDoesNotKnowYet) {
  const RedisServer server;
  TestClient client(server.url());
  const Words keys = {"hg:u:{anna}"};
  const Words mine = {"n1/1", "60000"};
  const Words theirs = {"n2/7", "60000"};
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, mine)), "*[:1, \"\"]");
  EXPECT_EQ(client.client().usage().scripts_sent, 1u);
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, mine)), "*[:1, \"n1/1\"]");
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, theirs)), "*[:0, \"n1/1\"]");
  EXPECT_EQ(client.client().usage().scripts_sent, 1u);
  EXPECT_EQ(other(client, {"SCRIPT", "FLUSH"}), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, mine)), "*[:1, \"n1/1\"]");
  EXPECT_EQ(client.client().usage().scripts_sent, 2u);
}

TEST_F(ClientOfRedis, ShiftsNoReplyByAttributes) {
  const RedisServer server({.lines = {"enable-debug-command yes"}});
  TestClient client(server.url());
  const Words attribute = {"DEBUG", "PROTOCOL", "attrib"};
  Lines expected;
  for (Token token = 1; token <= 200; token += 2) {
    const std::string key = "k" + std::to_string(token);
    ASSERT_TRUE(client.command(Command::set(key, key), token + 1000));
    ASSERT_TRUE(client.command(Command::other(attribute), token));
    ASSERT_TRUE(client.command(Command::get(key), token + 1));
    expected.push_back(std::to_string(token + 1) + " \"" + key + "\"");
  }
  ASSERT_TRUE(client.run_until_line(expected.back()));
  for (const std::string& line : expected) EXPECT_TRUE(client.has_line(line)) << line;
}

// ---- Pub/sub ----

// With HELLO, and without it: on a second connection.
class ClientOfRedisPubSub : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not in PATH";
  }
  static RedisServer::Settings settings() {
    if (GetParam() == 3) return {};
    return {.lines = {"rename-command HELLO \"\""}};
  }
};

TEST_P(ClientOfRedisPubSub, HearsWhatItSubscribedTo) {
  const RedisServer server(settings());
  TestClient client(server.url());
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "room"));
  ASSERT_TRUE(client.subscribe(ChannelKind::kShard, "shard"));
  ASSERT_TRUE(client.run_until_line("subscribed room"));
  ASSERT_TRUE(client.run_until_line("subscribed shard"));
  EXPECT_EQ(client.client().protocol(), GetParam());
  EXPECT_EQ(client.client().links(), GetParam() == 3 ? 1u : 2u);
  EXPECT_EQ(client.ask(Command::publish("room", "one")), ":1");
  EXPECT_EQ(client.ask(Command::spublish("shard", "two")), ":1");
  EXPECT_TRUE(client.run_until_line("message room one"));
  EXPECT_TRUE(client.run_until_line("message shard two"));
  EXPECT_EQ(client.ask(Command::publish("shard", "three")), ":0");
  client.client().unsubscribe(ChannelKind::kPlain, "room", heliograph::testing::steady_now());
  EXPECT_TRUE(
      client.run_until([&] { return client.ask(Command::publish("room", "four")) == ":0"; }));
  EXPECT_EQ(client.client().usage().unknown_channels, 0u);
}

TEST_P(ClientOfRedisPubSub, SubscribesAgainInBatchesAfterALoss) {
  constexpr std::size_t kChannels = 1300;
  RedisServer server(settings());
  TestClient client(server.url(), {.command_deadline = 10'000});
  const auto all_on = [&] {
    std::size_t on = 0;
    for (const std::string& line : client.lines()) on += line.starts_with("subscribed ") ? 1 : 0;
    return on == kChannels;
  };
  for (std::size_t i = 0; i < kChannels; ++i) {
    ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "c" + std::to_string(i)));
  }
  ASSERT_TRUE(client.run_until(all_on));
  client.take_lines();
  server.kill();
  ASSERT_TRUE(client.run_until([&] { return !client.client().up(); }));
  server.start();
  ASSERT_TRUE(client.run_until(all_on));
  EXPECT_EQ(client.ask(Command::publish("c1299", "again")), ":1");
  EXPECT_TRUE(client.run_until_line("message c1299 again"));
}

TEST_P(ClientOfRedisPubSub, HearsItsOwnProbes) {
  const RedisServer server(settings());
  TestClient client(server.url(), {.probe_channel = "probe", .probe_interval = 20});
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "room"));
  ASSERT_TRUE(client.run_until_line("subscribed room"));
  TestClient witness(server.url());
  ASSERT_TRUE(witness.subscribe(ChannelKind::kPlain, "probe"));
  ASSERT_TRUE(witness.run_until([&] {
    client.turn();
    return witness.lines().size() >= 10;
  }));
  EXPECT_THAT(witness.lines().back(), StartsWith("message probe "));
  EXPECT_EQ(client.client().usage().probes_missed, 0u);
  EXPECT_THAT(client.lines(), Not(Contains(HasSubstr("probe"))));
}

INSTANTIATE_TEST_SUITE_P(Protocols, ClientOfRedisPubSub, ::testing::Values(2, 3));

TEST_F(ClientOfRedis, LeavesASubscriptionThatIsDeaf) {
  const RedisServer server;
  TestClient client(server.url(), {.probe_channel = "probe", .probe_interval = 20});
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "room"));
  ASSERT_TRUE(client.run_until_line("subscribed room"));
  client.take_lines();
  // Somebody drops our subscriptions without a word: a message to ourselves is all that tells.
  TestClient admin(server.url());
  EXPECT_EQ(other(admin, {"ACL", "SETUSER", "default", "-publish"}), "+\"OK\"");
  ASSERT_TRUE(client.run_until_line("down: the subscription is deaf"));
  EXPECT_EQ(client.client().usage().probes_missed, 1u);
  EXPECT_EQ(other(admin, {"ACL", "SETUSER", "default", "+publish"}), "+\"OK\"");
  EXPECT_TRUE(client.run_until_line("subscribed room"));
}

TEST_F(ClientOfRedis, SaysWhichChannelItMayNotHear) {
  const RedisServer server(
      {.tcp = true, .lines = {"user bob on >b ~* resetchannels &open* +@all"}});
  TestClient client("redis://bob:b@127.0.0.1:" + std::to_string(server.port()));
  ASSERT_TRUE(client.run_until_up());
  client.take_lines();
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "closed"));
  ASSERT_TRUE(client.run_until([&] { return !client.lines().empty(); }));
  EXPECT_THAT(client.lines(), ElementsAre(StartsWith("refused closed: NOPERM")));
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "open"));
  EXPECT_TRUE(client.run_until_line("subscribed open"));
}

// ---- What happens to servers ----

TEST_F(ClientOfRedis, WaitsForAServerThatWasKilled) {
  RedisServer server;
  TestClient client(server.url(), {.command_deadline = 10'000});
  ASSERT_TRUE(client.run_until_up());
  server.kill();
  ASSERT_TRUE(client.run_until([&] { return !client.client().up(); }));
  ASSERT_TRUE(client.command(Command::get("k"), 1));
  ASSERT_TRUE(client.command(Command::set("k", "v"), 2));
  server.start();
  ASSERT_TRUE(client.run_until_line("2 +\"OK\""));
  EXPECT_TRUE(client.has_line("1 null"));
  server.restart();
  EXPECT_EQ(client.ask(Command::get("k")), "null");
}

TEST_F(ClientOfRedis, AsksAgainAfterEverythingWasFlushed) {
  const RedisServer server;
  TestClient client(server.url());
  const Words keys = {"hg:u:{anna}"};
  const Words mine = {"n1/1", "60000"};
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, mine)), "*[:1, \"\"]");
  EXPECT_EQ(other(client, {"FLUSHALL"}), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::get(keys[0])), "null");
  EXPECT_EQ(client.ask(Command::run(kClaim, keys, mine)), "*[:1, \"\"]");
}

TEST_F(ClientOfRedis, FailsWhatAFrozenServerDoesNotAnswerAndReturnsToIt) {
  RedisServer server;
  TestClient client(server.url(), {.command_deadline = 200});
  ASSERT_TRUE(client.run_until_up());
  server.freeze();
  ASSERT_TRUE(client.command(Command::set("k", "old"), 1));
  ASSERT_TRUE(client.run_until_line("failed 1: no answer in time, may have run"));
  ASSERT_TRUE(client.command(Command::get("k"), 2));
  ASSERT_TRUE(client.run_until_line("failed 2: no answer in time"));
  server.thaw();
  ASSERT_TRUE(client.run_until_up());
  EXPECT_EQ(client.ask(Command::set("k", "new")), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::get("k")), "\"new\"");
}

TEST_F(ClientOfRedis, ReturnsAfterTheServerClosedItsConnections) {
  const RedisServer server;
  TestClient admin(server.url());
  TestClient client(server.url(), {.command_deadline = 10'000, .longest_backoff = 50});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.run_until_up());
    ASSERT_TRUE(client.command(Command::get("k"), 1));
    EXPECT_THAT(other(admin, {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}), ":1");
    ASSERT_TRUE(client.run_until_line("1 null")) << i;
    client.take_lines();
  }
}

TEST_F(ClientOfRedis, IsRefusedByAServerThatIsFullAndComesInLater) {
  const RedisServer server;
  TestClient admin(server.url());
  ASSERT_TRUE(admin.run_until_up());
  EXPECT_EQ(other(admin, {"CONFIG", "SET", "maxclients", "1"}), "+\"OK\"");
  TestClient client(server.url(), {.refused_backoff = 50});
  ASSERT_TRUE(client.command(Command::get("k"), 1));
  ASSERT_TRUE(client.run_until_line("down: ERR max number of clients reached"));
  EXPECT_TRUE(client.has_line("failed 1: the server refuses us"));
  EXPECT_FALSE(client.command(Command::get("k"), 2));
  EXPECT_EQ(client.client().refusal(), "ERR max number of clients reached");
  EXPECT_EQ(other(admin, {"CONFIG", "SET", "maxclients", "100"}), "+\"OK\"");
  ASSERT_TRUE(client.run_until_up());
  EXPECT_EQ(client.client().refusal(), "");
  EXPECT_EQ(client.ask(Command::get("k")), "null");
}

TEST_F(ClientOfRedis, DoesNotStormAServerThatRefusesItsPassword) {
  const RedisServer server({.tcp = true, .lines = {"requirepass secret"}});
  const std::string at = "@127.0.0.1:" + std::to_string(server.port());
  TestClient client("redis://:guess" + at);
  ASSERT_TRUE(client.command(Command::get("k"), 1));
  ASSERT_TRUE(client.run_until_line("failed 1: the server refuses us"));
  EXPECT_THAT(client.client().refusal(), StartsWith("WRONGPASS"));
  EXPECT_GE(client.client().deadline(), heliograph::testing::steady_now() + 500);
  EXPECT_EQ(client.client().usage().connects, 1u);
  TestClient right("redis://:secret" + at + "/3");
  EXPECT_EQ(right.ask(Command::get("k")), "null");
}

TEST_F(ClientOfRedis, HandsOnWhatAnAccessListForbids) {
  const RedisServer server({.tcp = true, .lines = {"user eve on >e ~mine:* &* +@all -set"}});
  TestClient client("redis://eve:e@127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(client.ask(Command::get("mine:k")), "null");
  EXPECT_THAT(client.ask(Command::get("theirs:k")), StartsWith("-\"NOPERM"));
  EXPECT_THAT(client.ask(Command::set("mine:k", "v")), StartsWith("-\"NOPERM"));
  EXPECT_EQ(client.ask(Command::incr("mine:n")), ":1");
}

// A directory that is gone takes no snapshot, as a disk that is full.
TEST_F(ClientOfRedis, HandsOnThatTheServerCannotWriteAndStillReads) {
  const RedisServer server({.lines = {"enable-protected-configs yes", "save 3600 1000"}});
  const std::string data = server.directory() + "/data";
  std::filesystem::create_directory(data);
  TestClient client(server.url());
  EXPECT_EQ(client.ask(Command::set("k", "v")), "+\"OK\"");
  EXPECT_EQ(other(client, {"CONFIG", "SET", "dir", data}), "+\"OK\"");
  std::filesystem::remove(data);
  EXPECT_THAT(other(client, {"BGSAVE"}), StartsWith("+\"Background"));
  EXPECT_TRUE(client.run_until([&] {
    return other(client, {"INFO", "persistence"}).contains("rdb_last_bgsave_status:err");
  }));
  EXPECT_THAT(client.ask(Command::set("k", "w")), StartsWith("-\"MISCONF"));
  EXPECT_EQ(client.ask(Command::get("k")), "\"v\"");
}

TEST_F(ClientOfRedis, WaitsForAServerThatLoadsItsData) {
  RedisServer server({.lines = {"enable-debug-command yes", "key-load-delay 50",
                                "loading-process-events-interval-bytes 1024", "rdbcompression no",
                                "save 3600 1000000"}});
  TestClient client(server.url(), {.command_deadline = 15'000});
  EXPECT_EQ(other(client, {"DEBUG", "POPULATE", "5000"}), "+\"OK\"");
  EXPECT_EQ(client.ask(Command::set("k", "v")), "+\"OK\"");
  EXPECT_EQ(other(client, {"SAVE"}), "+\"OK\"");
  server.kill();
  server.start();
  EXPECT_EQ(client.ask(Command::get("k")), "\"v\"");
  EXPECT_GT(client.client().usage().retries, 0u);
}

}  // namespace
}  // namespace heliograph::resp
