// The client of a master that real Sentinels watch.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resp/redis_topologies.hpp"

namespace heliograph::resp {
namespace {

using heliograph::testing::ask;
using heliograph::testing::RedisServer;
using heliograph::testing::SentinelSet;
using heliograph::testing::steady_now;
using heliograph::testing::TestClient;
using ::testing::StartsWith;

class ClientOfSentinels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not in PATH";
  }
};

TEST_F(ClientOfSentinels, DecidesOrRefusesEveryLoginWhenTheMasterIsKilled) {
  constexpr Token kLogins = 5000;
  constexpr std::size_t kUsers = 50;
  SentinelSet set;
  TestClient client(set.url(), {.probe_channel = "probe"});
  ASSERT_TRUE(client.run_until_up());
  ASSERT_TRUE(client.subscribe(ChannelKind::kPlain, "room"));
  for (std::size_t user = 0; user < kUsers; ++user) {
    const std::string number = std::to_string(user);
    ASSERT_EQ(client.ask(Command::set("user" + number, "password" + number)), "+\"OK\"");
  }
  TestClient writer(set.url(), {.command_deadline = 15'000});
  ASSERT_EQ(ask(writer, {"INCR", "last"}), ":1");
  ASSERT_EQ(ask(writer, {"WAIT", "2", "10000"}), ":2");
  ASSERT_TRUE(client.run_until_line("subscribed room"));
  client.take_lines();

  RedisServer* const old_master = set.master();
  ASSERT_NE(old_master, nullptr);
  Token next = 0;
  std::size_t decided = 0;
  std::size_t refused = 0;
  std::size_t decided_afterwards = 0;
  bool killed = false;
  bool failed_over = false;
  std::map<Token, int> answers;
  Milliseconds killed_at = 0;
  Milliseconds switched_at = 0;
  Milliseconds back_at = 0;
  const auto read_lines = [&] {
    for (const std::string& line : client.take_lines()) {
      if (line.starts_with("failed ")) {
        ++answers[std::stoull(line.substr(7))];
        ++refused;
      } else if (line.find_first_not_of("0123456789") == line.find(" \"password")) {
        const Token token = std::stoull(line);
        ++answers[token];
        EXPECT_EQ(line,
                  std::to_string(token) + " \"password" + std::to_string(token % kUsers) + "\"");
        ++decided;
        if (failed_over && back_at == 0) back_at = steady_now();
        decided_afterwards += failed_over ? 1 : 0;
      } else {
        EXPECT_THAT(line, ::testing::AnyOf(StartsWith("up "), StartsWith("down: "),
                                           StartsWith("subscribed room")));
      }
    }
  };
  const auto done = [&] { return next >= kLogins && decided_afterwards >= 100; };
  ASSERT_TRUE(client.run_until([&] {
    if (next == kLogins / 5 && !killed) {
      old_master->kill();
      killed = true;
      killed_at = steady_now();
    }
    const Token burst = next + (client.client().up() ? 10 : 1);
    while (next < burst) {
      const Token token = next++;
      if (!client.command(Command::get("user" + std::to_string(token % kUsers)), token)) {
        ++answers[token];
        ++refused;
      }
    }
    read_lines();
    if (killed && !failed_over) {
      failed_over = set.master() != old_master;
      if (failed_over) switched_at = steady_now();
    }
    return done();
  }));
  ASSERT_TRUE(client.run_until([&] { return client.client().queued_commands() == 0; }));
  client.turn();
  read_lines();
  EXPECT_EQ(answers.size(), next);
  for (const auto& [token, times] : answers) EXPECT_EQ(times, 1) << token;
  EXPECT_EQ(decided + refused, next);
  RecordProperty("logins", static_cast<int>(next));
  RecordProperty("decided", static_cast<int>(decided));
  RecordProperty("milliseconds_to_switch", static_cast<int>(switched_at - killed_at));
  RecordProperty("milliseconds_back_after_switch", static_cast<int>(back_at - switched_at));

  EXPECT_TRUE(client.run_until([&] {
    return client.ask(Command::publish("room", "still here")) == ":1" &&
           client.has_line("message room still here");
  }));
  // The old master comes back as a replica: nobody is sent there.
  old_master->start();
  EXPECT_EQ(client.ask(Command::set("k", "v")), "+\"OK\"");
}

TEST_F(ClientOfSentinels, FollowsAFailOverThatIsOrdered) {
  SentinelSet set;
  TestClient client(set.url(), {.command_deadline = 15'000});
  ASSERT_TRUE(client.run_until_up());
  EXPECT_EQ(client.ask(Command::set("k", "0")), "+\"OK\"");
  RedisServer* const old_master = set.master();
  TestClient sentinel(set.sentinel(0).url());
  EXPECT_EQ(ask(sentinel, {"SENTINEL", "FAILOVER", "main"}), "+\"OK\"");
  int writes = 0;
  ASSERT_TRUE(client.run_until([&] {
    writes += client.ask(Command::set("k", "v")) == "+\"OK\"" ? 1 : 0;
    return set.master() != old_master;
  }));
  ASSERT_TRUE(client.run_until([&] {
    return client.ask(Command::role()).starts_with("*[\"master\"") &&
           client.client().target(0).address.port == set.master()->port();
  }));
  EXPECT_GT(writes, 0);
}

TEST_F(ClientOfSentinels, AsksAnotherSentinelWhenOneIsGone) {
  SentinelSet set;
  set.sentinel(0).kill();
  set.sentinel(1).freeze();
  TestClient client(set.url(), {.command_deadline = 15'000, .short_setup_deadline = 100});
  EXPECT_EQ(client.ask(Command::get("k")), "null");
  set.sentinel(1).thaw();
}

TEST_F(ClientOfSentinels, SaysThatNoSentinelKnowsTheMaster) {
  SentinelSet set;
  std::string url = set.url();
  url.replace(url.rfind("/main"), 5, "/other");
  TestClient client(url);
  EXPECT_TRUE(client.run_until_line("down: the Sentinel does not know the master"));
}

}  // namespace
}  // namespace heliograph::resp
