#include "server/redis_link.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/self_signed.hpp"
#include "crypto/trust_store.hpp"
#include "net/clock.hpp"
#include "net/endpoint.hpp"
#include "net/poller.hpp"
#include "tests/resp/redis_server.hpp"

namespace heliograph::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::RedisServer;
using ::testing::StartsWith;

constexpr net::PollToken kFirstToken = 7;
constexpr Milliseconds kPatience = 20'000;

RedisOptions options_for(const std::string& url) {
  return {.url = resp::parse_url(url).value(), .client = {}, .tls = {}};
}

// Owns a link as a worker does, and writes down what comes.
struct Owner {
  explicit Owner(RedisOptions options) : link(std::move(options), poller, kFirstToken, 1) {}

  void take() {
    using Kind = resp::ClientEvent::Kind;
    while (const auto event = link.next(net::monotonic_now())) {
      switch (event->kind) {
        case Kind::kUp:
          lines.emplace_back("up");
          break;
        case Kind::kDown:
          lines.push_back("down " + std::string(event->text));
          break;
        case Kind::kReply:
          lines.push_back(std::to_string(event->token) + " " + to_text(event->reply));
          break;
        case Kind::kFailed:
          lines.push_back(std::to_string(event->token) + " failed");
          break;
        case Kind::kMessage:
          lines.push_back("message " + std::string(event->channel) + " " +
                          std::string(event->text));
          break;
        case Kind::kSubscribed:
          lines.push_back("subscribed " + std::string(event->channel));
          break;
        case Kind::kRefused:
          lines.push_back("refused " + std::string(event->channel));
          break;
      }
    }
    while (auto lookup = link.next_lookup()) lookups.push_back(std::move(*lookup));
  }

  void turn() {
    link.on_timer(net::monotonic_now());
    take();
    link.flush();
    const Milliseconds now = net::monotonic_now();
    const Milliseconds wait = std::min<Milliseconds>(std::max(link.deadline(), now) - now, 10);
    for (const net::Ready& ready : poller.wait(wait)) {
      EXPECT_GE(ready.token, kFirstToken);
      EXPECT_LT(ready.token, net::PollToken{1} << 32);
      link.on_ready(ready);
      take();
    }
  }

  template <class Done>
  bool turn_until(Done done) {
    const Milliseconds until = net::monotonic_now() + kPatience;
    while (!done()) {
      if (net::monotonic_now() > until) return false;
      turn();
    }
    return true;
  }
  bool turn_until_line(const std::string& line) {
    return turn_until([&] { return std::ranges::find(lines, line) != lines.end(); });
  }
  bool ask(const resp::Command& command, resp::Token token) {
    return link.command(command, token, net::monotonic_now());
  }

  net::Poller poller;
  RedisLink link;
  std::vector<std::string> lines;
  std::vector<RedisLink::Lookup> lookups;
};

class RedisLinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "no redis-server";
  }
};

TEST_F(RedisLinkTest, AsksOverTcpAndOverAUnixSocket) {
  RedisServer server({.tcp = true});
  for (const std::string& url : {server.url(), "unix:" + server.socket_path()}) {
    Owner owner(options_for(url));
    ASSERT_TRUE(owner.ask(resp::Command::get("nothing"), 1));
    ASSERT_TRUE(owner.ask(resp::Command::ping(), 2));
    ASSERT_TRUE(owner.turn_until_line("2 +\"PONG\""));
    EXPECT_THAT(owner.lines, ElementsAre("up", "1 null", "2 +\"PONG\""));
    EXPECT_TRUE(owner.lookups.empty());
  }
}

TEST_F(RedisLinkTest, LetsItsOwnerLookUpNames) {
  RedisServer server({.tcp = true});
  Owner owner(options_for("redis://redis.test:" + std::to_string(server.port())));
  ASSERT_TRUE(owner.turn_until([&] { return !owner.lookups.empty(); }));
  ASSERT_EQ(owner.lookups.size(), 1u);
  EXPECT_EQ(owner.lookups[0].host, "redis.test");
  EXPECT_EQ(owner.lookups[0].port, server.port());
  // The first address takes no connection, the second one does.
  const testing::HeldPort port;
  const std::uint16_t closed = port.number();
  owner.link.resolved(owner.lookups[0].id,
                      {*net::numeric_endpoint("127.0.0.1", closed),
                       *net::numeric_endpoint("127.0.0.1", server.port())},
                      {});
  owner.link.resolved(owner.lookups[0].id, {}, "an answer too many");
  EXPECT_TRUE(owner.turn_until_line("up"));
}

TEST_F(RedisLinkTest, TellsWhyItIsDown) {
  Owner owner(options_for("redis://redis.test"));
  ASSERT_TRUE(owner.turn_until([&] { return !owner.lookups.empty(); }));
  owner.link.resolved(owner.lookups[0].id, {}, "there is no redis.test");
  ASSERT_TRUE(owner.turn_until_line("down there is no redis.test"));
  EXPECT_EQ(owner.link.last_loss()->kind, RedisLoss::Kind::kNoHost);
  // The answer to an attempt that was given up, a second time.
  owner.link.resolved(owner.lookups[0].id, {*net::numeric_endpoint("127.0.0.1", 1)}, {});
  owner.take();
  EXPECT_FALSE(owner.link.client().up());

  const testing::HeldPort port;
  Owner closed(options_for("redis://127.0.0.1:" + std::to_string(port.number())));
  ASSERT_TRUE(closed.turn_until_line("down Connection refused"));
  EXPECT_EQ(closed.link.last_loss()->kind, RedisLoss::Kind::kUnreachable);
}

// To the next deadline, whatever the clock says.
void pass_deadline(RedisLink& link) {
  const Milliseconds now = link.deadline();
  link.on_timer(now);
  while (link.next(now)) {
  }
}

TEST_F(RedisLinkTest, HasOneLookUpOfAHostUnderWayHoweverOftenItTries) {
  net::Poller poller;
  RedisLink link(options_for("redis://redis.test"), poller, kFirstToken, 1);
  pass_deadline(link);
  const auto first = link.next_lookup();
  ASSERT_TRUE(first);
  for (int i = 0; i < 20; ++i) {
    pass_deadline(link);
    EXPECT_FALSE(link.next_lookup());
  }
  // Too late for the attempt that asked; the one of now may ask, those in between are forgotten.
  link.resolved(first->id, {}, "too late");
  std::optional<RedisLink::Lookup> second;
  for (int i = 0; i < 20 && !(second = link.next_lookup()); ++i) pass_deadline(link);
  ASSERT_TRUE(second);
  EXPECT_FALSE(link.next_lookup());
  EXPECT_FALSE(link.last_loss());
  link.resolved(second->id, {}, "there is no redis.test");
  while (link.next(0)) {
  }
  ASSERT_TRUE(link.last_loss());
  EXPECT_EQ(link.last_loss()->text, "there is no redis.test");
}

TEST_F(RedisLinkTest, HandsOnMessagesAlsoAfterARestart) {
  RedisServer server({.tcp = true});
  Owner listener(options_for(server.url()));
  Owner speaker(options_for(server.url()));
  ASSERT_TRUE(listener.link.subscribe(resp::ChannelKind::kPlain, "room", net::monotonic_now()));
  ASSERT_TRUE(listener.turn_until_line("subscribed room"));
  ASSERT_TRUE(speaker.turn_until_line("up"));
  ASSERT_TRUE(speaker.ask(resp::Command::publish("room", "one"), 1));
  ASSERT_TRUE(speaker.turn_until_line("1 :1"));
  ASSERT_TRUE(listener.turn_until_line("message room one"));

  listener.lines.clear();
  speaker.lines.clear();
  server.kill();
  ASSERT_TRUE(listener.turn_until([&] { return !listener.link.client().up(); }));
  EXPECT_THAT(listener.lines, Contains(StartsWith("down ")));
  server.start();
  ASSERT_TRUE(listener.turn_until_line("subscribed room"));
  ASSERT_TRUE(speaker.turn_until_line("up"));
  ASSERT_TRUE(speaker.ask(resp::Command::publish("room", "two"), 2));
  ASSERT_TRUE(speaker.turn_until_line("2 :1"));
  EXPECT_TRUE(listener.turn_until_line("message room two"));
}

// A file that goes away with its test.
struct TemporaryFile {
  TemporaryFile(const std::string& name, Bytes content) : path(::testing::TempDir() + name) {
    std::ofstream(path, std::ios::binary) << as_text(content);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path); }

  const std::string path;
};

TEST_F(RedisLinkTest, ResumesTheTlsSessionOfTheConnectionBefore) {
  const std::vector<std::string> names = {"127.0.0.1"};
  const auto made = crypto::make_self_signed(names, net::wall_clock_now() / 1000, 1).value();
  const testing::HeldPort port;
  const std::string number = std::to_string(port.number());
  const TemporaryFile certificate(number + ".crt", as_bytes(made.certificate_pem));
  const TemporaryFile key(number + ".key", made.private_key_pem);
  RedisServer server({.lines = {"tls-port " + number, "tls-cert-file " + certificate.path,
                                "tls-key-file " + key.path, "tls-ca-cert-file " + certificate.path,
                                "tls-auth-clients no"}});
  RedisOptions options = options_for("rediss://127.0.0.1:" + number);
  auto trusted = crypto::TrustStore::from_pem(as_bytes(made.certificate_pem)).value();
  options.tls.config = std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
      std::move(trusted), crypto::Purpose::kServerAuthentication));
  Owner owner(options);
  for (const bool resumed : {false, true, true}) {
    owner.lines.clear();
    // The tickets have come by the time of an answer.
    ASSERT_TRUE(owner.ask(resp::Command::ping(), 1));
    ASSERT_TRUE(owner.turn_until_line("1 +\"PONG\""));
    ASSERT_NE(owner.link.negotiated(0), nullptr);
    EXPECT_EQ(owner.link.negotiated(0)->resumed, resumed);
    const std::vector<std::string_view> leave = {"CLIENT", "KILL", "SKIPME", "no"};
    ASSERT_TRUE(owner.ask(resp::Command::other(leave), 2));
    ASSERT_TRUE(owner.turn_until([&] { return !owner.link.client().up(); }));
  }
  // Another process has other ticket keys.
  server.restart();
  owner.lines.clear();
  ASSERT_TRUE(owner.turn_until_line("up"));
  EXPECT_FALSE(owner.link.negotiated(0)->resumed);
}

TEST_F(RedisLinkTest, ReadsAndWritesMoreThanOneBlock) {
  RedisServer server({.tcp = true});
  Owner owner(options_for(server.url()));
  ASSERT_TRUE(owner.turn_until_line("up"));
  const std::string value(3 << 20, 'x');
  ASSERT_TRUE(owner.ask(resp::Command::set("key", value), 1));
  ASSERT_TRUE(owner.ask(resp::Command::get("key"), 2));
  ASSERT_TRUE(owner.turn_until_line("2 \"" + value + "\""));
}

TEST_F(RedisLinkTest, SendsWhatATurnAsksInOneWrite) {
  RedisServer server({.tcp = true});
  Owner owner(options_for(server.url()));
  ASSERT_TRUE(owner.turn_until_line("up"));
  const auto reads = [&owner](resp::Token token) {
    const std::string prefix = std::to_string(token) + " ";
    owner.ask(resp::Command::other(std::array<std::string_view, 2>{"INFO", "stats"}), token);
    std::string text;
    EXPECT_TRUE(owner.turn_until([&] {
      const auto line = std::ranges::find_if(
          owner.lines, [&](const std::string& one) { return one.starts_with(prefix); });
      if (line != owner.lines.end()) text = *line;
      return !text.empty();
    }));
    constexpr std::string_view kName = "total_reads_processed:";
    return std::stoul(text.substr(text.find(kName) + kName.size()));
  };
  const unsigned long before = reads(1);
  for (resp::Token token = 10; token < 110; ++token) {
    ASSERT_TRUE(owner.ask(resp::Command::ping(), token));
  }
  ASSERT_TRUE(owner.turn_until_line("109 +\"PONG\""));
  // A read takes 16 KiB. One is of the pings, one of the second INFO.
  EXPECT_EQ(reads(2) - before, 2u);
}

}  // namespace
}  // namespace heliograph::server
