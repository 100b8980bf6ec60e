// The client of a real Cluster of three masters and three replicas.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/cluster.hpp"
#include "tests/resp/redis_topologies.hpp"

namespace heliograph::resp {
namespace {

using heliograph::testing::ask;
using heliograph::testing::ClusterSet;
using heliograph::testing::RedisServer;
using heliograph::testing::TestClient;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// SHA-1 of the source, by sha1sum.
constexpr Script kTouch = {.source = "return {KEYS[1],redis.call('GET',KEYS[1])}",
                           .digest = "806ae11653e3fa762d54f60ee182d4ab60d234b3",
                           .idempotent = true};

class ClientOfCluster : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not in PATH";
  }
};

std::size_t master_of(std::uint16_t slot) {
  return slot < 5461 ? 0 : slot < 10922 ? 1 : 2;
}

// Commands about `kKeys` keys without pause, and what came back that is wrong.
class Load {
 public:
  static constexpr Token kKeys = 60;

  // Every key and its counter exist.
  explicit Load(TestClient& client) : client_(client) {
    for (Token number = 0; number < kKeys; ++number) {
      const std::string name = key(number);
      const std::string answer =
          client.ask(Command::set(name, "v" + name)) + client.ask(Command::incr(counter(name)));
      if (answer != "+\"OK\":1") wrong_.push_back(answer);
      counters_[counter(name)] = 1;
    }
  }

  static std::string key(Token number) { return "key" + std::to_string(number); }
  static std::string counter(const std::string& name) { return "{" + name + "}n"; }

  void step() {
    for (int i = 0; i < 8; ++i) send();
    client_.turn(std::chrono::milliseconds(1));
    read();
  }
  bool finish() {
    return client_.run_until([&] {
      read();
      return client_.client().queued_commands() == 0;
    });
  }
  [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }
  [[nodiscard]] std::size_t answered() const { return answered_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& counters() const { return counters_; }

 private:
  void send() {
    const Token token = next_++;
    const std::string name = key(token % kKeys);
    const std::string count = counter(name);
    const std::vector<std::string_view> keys = {name, count};
    switch (token / kKeys % 5) {
      case 0:
        accepted(client_.command(Command::get(name), token));
        break;
      case 1:
        accepted(client_.command(Command::set(name, "v" + name), token));
        break;
      case 2:
        accepted(client_.command(Command::incr(count), token));
        break;
      case 3:
        accepted(client_.command(Command::exists(keys), token));
        break;
      default:
        accepted(client_.command(Command::run(kTouch, Arguments(keys).first(1), {}), token));
        break;
    }
  }
  void accepted(bool accepted) {
    if (!accepted) wrong_.emplace_back("not accepted");
  }
  void read() {
    for (const std::string& line : client_.take_lines()) {
      if (line.starts_with("up ") || line.starts_with("down")) continue;
      if (line.starts_with("subscribed ") || line.starts_with("message ")) continue;
      check(line);
    }
  }
  void check(const std::string& line) {
    ++answered_;
    if (line.starts_with("failed ")) return wrong_.push_back(line);
    const Token token = std::stoull(line);
    const std::string name = key(token % kKeys);
    const std::string text = line.substr(line.find(' ') + 1);
    switch (token / kKeys % 5) {
      case 0:
        if (text != "\"v" + name + "\"") wrong_.push_back(line);
        break;
      case 1:
        if (text != "+\"OK\"") wrong_.push_back(line);
        break;
      case 2:
        if (text != ":" + std::to_string(++counters_[counter(name)])) wrong_.push_back(line);
        break;
      case 3:
        if (text != ":2") wrong_.push_back(line);
        break;
      default:
        if (text != "*[\"" + name + "\", \"v" + name + "\"]") wrong_.push_back(line);
        break;
    }
  }

  TestClient& client_;
  Token next_ = 0;
  std::size_t answered_ = 0;
  std::vector<std::string> wrong_;
  std::map<std::string, std::int64_t> counters_;
};

TEST_F(ClientOfCluster, ShowsNoErrorWhileSlotsMoveUnderLoad) {
  ClusterSet set;
  TestClient client(set.url(), {.command_deadline = 15'000});
  Load load(client);
  ASSERT_TRUE(client.subscribe(ChannelKind::kShard, "{key0}inbox"));
  ASSERT_TRUE(client.run_until_line("subscribed {key0}inbox"));
  client.take_lines();

  // All to one server: moves that cross each other before the servers have heard of both undo one
  // another.
  for (Token number = 0; number < Load::kKeys; ++number) {
    const std::uint16_t slot = key_slot(Load::key(number));
    const std::size_t from = master_of(slot);
    if (from != 1) set.move_slot(slot, from, 1, [&] { load.step(); });
  }
  for (int i = 0; i < 100; ++i) load.step();
  ASSERT_TRUE(load.finish());
  EXPECT_THAT(load.wrong(), IsEmpty());
  EXPECT_GT(client.client().usage().redirects, 20u);
  RecordProperty("answered", static_cast<int>(load.answered()));
  RecordProperty("redirects", static_cast<int>(client.client().usage().redirects));
  RecordProperty("retries", static_cast<int>(client.client().usage().retries));
  for (const auto& [key, count] : load.counters()) {
    EXPECT_EQ(client.ask(Command::get(key)), "\"" + std::to_string(count) + "\"");
  }
  // The shard channel moved along with its slot.
  EXPECT_TRUE(client.run_until([&] {
    return client.ask(Command::spublish("{key0}inbox", "moved")) == ":1" &&
           client.has_line("message {key0}inbox moved");
  }));
}

TEST_F(ClientOfCluster, GoesOnWhenAMasterIsKilled) {
  ClusterSet set;
  TestClient client(set.url(), {.command_deadline = 15'000, .probe_channel = "probe:"});
  const std::uint16_t slot = key_slot("k");
  RedisServer& master = set.server(master_of(slot));
  ASSERT_EQ(client.ask(Command::set("k", "v")), "+\"OK\"");
  ASSERT_TRUE(client.subscribe(ChannelKind::kShard, "{k}inbox"));
  ASSERT_TRUE(client.run_until_line("subscribed {k}inbox"));
  TestClient writer(master.url(), {.command_deadline = 15'000});
  ASSERT_EQ(ask(writer, {"WAIT", "1", "10000"}), ":1");
  master.kill();
  EXPECT_EQ(client.ask(Command::get("k")), "\"v\"");
  EXPECT_EQ(client.ask(Command::set("k", "w")), "+\"OK\"");
  EXPECT_TRUE(client.run_until([&] {
    return client.ask(Command::spublish("{k}inbox", "still here")) == ":1" &&
           client.has_line("message {k}inbox still here");
  }));
}

TEST_F(ClientOfCluster, SpreadsCommandsOverTheServersOfTheirKeys) {
  ClusterSet set;
  TestClient client(set.url());
  EXPECT_THAT(client.ask(Command::ping()), StartsWith("+\"PONG"));
  for (const std::string key : {"a", "b", "c", "foo", "{foo}bar"}) {
    EXPECT_EQ(client.ask(Command::set(key, key)), "+\"OK\"") << key;
    EXPECT_EQ(ask(set.admin(master_of(key_slot(key))), {"GET", key}), "\"" + key + "\"");
  }
  EXPECT_EQ(client.client().usage().redirects, 0u);
  const std::vector<std::string_view> apart = {"a", "b"};
  EXPECT_THAT(client.ask(Command::del(apart)), StartsWith("-\"CROSSSLOT"));
  const std::vector<std::string_view> together = {"foo", "{foo}bar"};
  EXPECT_EQ(client.ask(Command::del(together)), ":2");
}

TEST_F(ClientOfCluster, SaysThatAServerIsNoCluster) {
  const RedisServer server({.tcp = true});
  TestClient client("redis-cluster://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_TRUE(client.run_until_line("down: ERR This instance has cluster support disabled"));
}

}  // namespace
}  // namespace heliograph::resp
