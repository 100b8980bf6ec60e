// Thousands of random schedules against servers that answer late, or never, or elsewhere: a reply
// never reaches a command that is not its own, and every command comes back once.
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/client.hpp"
#include "resp/cluster.hpp"
#include "tests/resp/client_harness.hpp"

namespace heliograph::resp {
namespace {

using ::testing::IsEmpty;

// Servers that share the slots of a Cluster, or one alone. They answer "GET n" and "SET n" with n.
class World {
 public:
  World(std::mt19937& random, std::size_t servers) : random_(random), servers_(servers) {
    for (std::uint16_t& owner : owners_) owner = static_cast<std::uint16_t>(random_() % servers);
  }

  // A transport to a server, with what has been answered and not been read yet.
  struct Transport {
    std::size_t server = 0;
    bool asking = false;
    Parser parser;
    Buffer requests;
    std::string replies;
  };

  void receive(Transport& transport, Bytes bytes) {
    transport.requests.append(bytes);
    while (!transport.requests.empty()) {
      MutableBytes input = transport.requests.mutable_bytes();
      const auto request = transport.parser.receive(input);
      ASSERT_TRUE(request && *request);
      std::vector<std::string> words;
      for (const Reply word : (**request).children()) words.emplace_back(word.text());
      transport.requests.consume(transport.requests.size() - input.size());
      if (random_() % 16 == 0) transport.replies += ">1\r\n+noise\r\n";
      if (random_() % 16 == 0) transport.replies += "|1\r\n+a\r\n:1\r\n";
      transport.replies += answer(transport, words);
    }
  }
  // Slots move as clients work; a group of sixteen at once.
  void move() {
    owners_[random_() % owners_.size()] = static_cast<std::uint16_t>(random_() % servers_);
  }

 private:
  std::string answer(Transport& transport, const std::vector<std::string>& words) {
    const bool asked = std::exchange(transport.asking, false);
    if (words[0] == "HELLO") return std::string(kHello3);
    if (words[0] == "PING") return words.size() > 1 ? bulk(words[1]) : "+PONG\r\n";
    if (words[0] == "ASKING") {
      transport.asking = true;
      return "+OK\r\n";
    }
    if (words[0] == "CLUSTER") return slots();
    if (servers_ > 1) {
      const std::uint16_t slot = key_slot(words[1]);
      const std::size_t owner = owners_[slot / kGroup];
      const std::string at = std::to_string(slot) + " n" + std::to_string(owner) + ":1\r\n";
      if (owner != transport.server && !asked) return "-MOVED " + at;
      const std::uint32_t luck = random_() % 64;
      const std::string elsewhere =
          std::to_string(slot) + " n" + std::to_string(random_() % servers_) + ":1\r\n";
      if (luck == 0 && !asked) return "-ASK " + elsewhere;
      if (luck == 1) return "-TRYAGAIN later\r\n";
      if (luck == 2) return "-CLUSTERDOWN later\r\n";
    }
    if (random_() % 64 == 0) return "-LOADING later\r\n";
    return words[0] == "GET" ? bulk(words[1]) : "+" + words[1] + "\r\n";
  }
  std::string slots() {
    std::string ranges;
    for (std::size_t group = 0; group < owners_.size(); ++group) {
      ranges += "*3\r\n:" + std::to_string(group * kGroup) +
                "\r\n:" + std::to_string(group * kGroup + kGroup - 1) + "\r\n*2\r\n" +
                bulk("n" + std::to_string(owners_[group])) + ":1\r\n";
    }
    return "*" + std::to_string(owners_.size()) + "\r\n" + ranges;
  }

  static constexpr std::size_t kGroup = 1024;
  std::mt19937& random_;
  std::size_t servers_;
  std::array<std::uint16_t, kSlotCount / kGroup> owners_{};
};

struct Totals {
  std::size_t replies = 0;
  std::size_t failures = 0;
  std::uint64_t redirects = 0;
  std::uint64_t resent = 0;
};

class Schedule {
 public:
  Schedule(std::uint32_t seed, const std::string& url, std::size_t servers, Totals& totals)
      : random_(seed),
        world_(random_, servers),
        client_(*parse_url(url), {.command_deadline = 300}, seed),
        totals_(totals) {}

  void run(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
      now_ += random_() % 60;
      for (std::uint32_t i = random_() % 4; i > 0; --i) ask();
      if (random_() % 16 == 0) cancel();
      if (random_() % 8 == 0) world_.move();
      if (now_ >= client_.deadline()) client_.on_timer(now_);
      settle();
      const bool all_stall = turn % 30 > 14 && turn % 30 < 23;
      for (auto& [link, transport] : transports_) {
        if (!all_stall && random_() % 4 != 0) deliver(link, transport);
      }
      settle();
      if (!transports_.empty() && random_() % 40 == 0) lose(transports_.begin()->first);
    }
    now_ += 10'000;
    client_.on_timer(now_);
    settle();
    EXPECT_THAT(outstanding_, IsEmpty());
    totals_.redirects += client_.usage().redirects;
    totals_.resent += client_.usage().resent;
  }

 private:
  void ask() {
    const Token token = next_++;
    const std::string number = std::to_string(token);
    const bool reads = random_() % 3 != 0;
    if (client_.command(reads ? Command::get(number) : Command::set(number, "v"), token, now_)) {
      outstanding_.insert(token);
    }
  }
  void cancel() {
    if (outstanding_.empty()) return;
    client_.cancel(*outstanding_.begin());
    outstanding_.erase(outstanding_.begin());
  }
  void take(const ClientEvent& event) {
    if (event.kind == ClientEvent::Kind::kReply) {
      EXPECT_EQ(event.reply.text(), std::to_string(event.token));
      EXPECT_EQ(outstanding_.erase(event.token), 1u);
      ++totals_.replies;
    } else if (event.kind == ClientEvent::Kind::kFailed) {
      EXPECT_EQ(outstanding_.erase(event.token), 1u);
      ++totals_.failures;
    }
  }
  // Does what the client wants, as an owner whose servers are all within reach.
  void settle() {
    while (const auto event = client_.next_event()) take(*event);
    while (const auto wish = client_.next_wish()) {
      transports_.erase(wish->link);
      if (wish->kind == Wish::Kind::kClose) {
        client_.output(wish->link).clear();
        continue;
      }
      const std::string& host = client_.target(wish->link).address.host;
      transports_[wish->link].server = std::stoul(host.substr(1));
      client_.opened(wish->link, now_);
    }
    for (auto& [link, transport] : transports_) {
      world_.receive(transport, client_.output(link).bytes());
      client_.output(link).clear();
    }
  }
  void deliver(LinkId link, World::Transport& transport) {
    const std::size_t count = std::min<std::size_t>(transport.replies.size(), random_() % 400);
    std::string bytes = transport.replies.substr(0, count);
    transport.replies.erase(0, count);
    MutableBytes input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
    while (const auto event = client_.receive(link, input, now_)) take(*event);
  }
  void lose(LinkId link) {
    transports_.erase(link);
    client_.lost(link, now_);
    client_.output(link).clear();
  }

  std::mt19937 random_;
  World world_;
  Client client_;
  Totals& totals_;
  std::map<LinkId, World::Transport> transports_;
  Milliseconds now_ = 1'000'000;
  Token next_ = 0;
  std::set<Token> outstanding_;
};

TEST(ClientSchedule, GivesEveryReplyToItsCommandInTenThousandSchedulesOfOneServer) {
  Totals totals;
  for (std::uint32_t seed = 0; seed < 10'000; ++seed) {
    Schedule(seed, "redis://n0:1", 1, totals).run(25);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(totals.replies, 100'000u);
  EXPECT_GT(totals.failures, 5'000u);
  EXPECT_GT(totals.resent, 2'000u);
}

TEST(ClientSchedule, GivesEveryReplyToItsCommandInAThousandSchedulesOfACluster) {
  Totals totals;
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    Schedule(seed, "redis-cluster://n0:1,n1:1", 3, totals).run(60);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(totals.replies, 10'000u);
  EXPECT_GT(totals.failures, 1'000u);
  EXPECT_GT(totals.redirects, 2'000u);
  EXPECT_GT(totals.resent, 500u);
}

}  // namespace
}  // namespace heliograph::resp
