// Subscriptions of the client, without sockets.
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/probe.hpp"
#include "tests/resp/client_harness.hpp"

namespace heliograph::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kUrl = "redis://h:1";

std::string ping(int number) {
  return encoded({"PING", std::to_string(number)});
}

std::string pushes(std::string_view kind, const std::vector<std::string>& channels) {
  std::string stream;
  for (const std::string& channel : channels) stream += array({kind, channel, ":1"}, '>');
  return stream;
}

struct Subscriber : Harness {
  explicit Subscriber(const ClientOptions& options = {}) : Harness(std::string(kUrl), options) {}

  // Subscribed to `channel`, the first.
  void become_subscribed(std::string_view channel) {
    become_ready();
    ASSERT_TRUE(subscribe(channel));
    EXPECT_EQ(sent(0), encoded({"SUBSCRIBE", channel}) + ping(1));
    EXPECT_THAT(feed(0, array({"subscribe", channel, ":1"}, '>')),
                ElementsAre("subscribed " + std::string(channel)));
    EXPECT_THAT(feed(0, bulk("1")), IsEmpty());
  }
};

TEST(ClientPubSub, SubscribesOnTheSameConnectionAmongCommands) {
  Subscriber owner;
  owner.become_ready();
  owner.command(Command::get("a"), 1);
  ASSERT_TRUE(owner.subscribe("c"));
  owner.command(Command::get("b"), 2);
  EXPECT_EQ(owner.sent(0),
            encoded({"GET", "a"}) + encoded({"SUBSCRIBE", "c"}) + ping(1) + encoded({"GET", "b"}));
  EXPECT_THAT(
      owner.feed(0, "+A\r\n" + pushes("subscribe", {"c"}) + array({"message", "c", "early"}, '>') +
                        bulk("1") + "+B\r\n" + array({"message", "c", "late"}, '>')),
      ElementsAre("1 +\"A\"", "subscribed c", "message c early", "2 +\"B\"", "message c late"));
}

TEST(ClientPubSub, AttributesARefusalToTheChannelAndNotToTheNextCommand) {
  Subscriber owner;
  owner.become_ready();
  ASSERT_TRUE(owner.subscribe("c"));
  owner.command(Command::get("a"), 1);
  EXPECT_THAT(owner.feed(0, "-NOPERM no\r\n"), IsEmpty());
  EXPECT_THAT(owner.feed(0, bulk("1") + "-WRONGTYPE no\r\n"),
              ElementsAre("1 -\"WRONGTYPE no\"", "refused c: NOPERM no"));
  owner.lose(0);
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), "");
}

TEST(ClientPubSub, ClosesWhenThePingBehindASubscriptionIsNotAnsweredByItsArgument) {
  for (const std::string_view answer : {"+OK\r\n", "$1\r\n2\r\n", "*0\r\n", "_\r\n"}) {
    Subscriber owner;
    owner.become_ready();
    ASSERT_TRUE(owner.subscribe("c"));
    EXPECT_THAT(owner.feed(0, answer), ElementsAre("down: a reply that no command asked for"));
  }
}

TEST(ClientPubSub, ClosesWhenASubscriptionIsNotAnswered) {
  Subscriber owner;
  owner.become_ready();
  ASSERT_TRUE(owner.subscribe("c"));
  owner.now += 2000;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
}

TEST(ClientPubSub, CountsWhatNobodySubscribedToAndGoesOn) {
  Subscriber owner;
  owner.become_subscribed("c");
  const std::vector<std::string> unknown = {
      array({"message", "x", "m"}, '>'),      array({"smessage", "c", "m"}, '>'),
      array({"subscribe", "x", ":1"}, '>'),   array({"subscribe", "c", ":1"}, '>'),
      array({"unsubscribe", "x", ":1"}, '>'), array({"ssubscribe", "c", ":1"}, '>'),
      array({"sunsubscribe", "c", ":1"}, '>')};
  for (const std::string& push : unknown) EXPECT_THAT(owner.feed(0, push), IsEmpty()) << push;
  EXPECT_EQ(owner.client.usage().unknown_channels, unknown.size());
  const std::vector<std::string> other = {
      ">1\r\n$7\r\nmessage\r\n",
      ">2\r\n$7\r\nmessage\r\n$1\r\nc\r\n",
      ">1\r\n$9\r\nsubscribe\r\n",
      ">3\r\n$9\r\nsubscribe\r\n:1\r\n:1\r\n",
      ">4\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n$1\r\nn\r\n",
      array({"unsubscribe", "_", ":0"}, '>'),
      array({"pmessage", "c*", "c", "m"}, '>'),
      array({"invalidate", "_"}, '>'),
      ">1\r\n$1\r\ns\r\n",
      ">3\r\n+\r\n_\r\n_\r\n"};
  for (const std::string& push : other) EXPECT_THAT(owner.feed(0, push), IsEmpty()) << push;
  EXPECT_EQ(owner.client.usage().other_pushes, other.size());
  EXPECT_THAT(owner.feed(0, ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n"), IsEmpty());
  EXPECT_THAT(owner.feed(0, array({"message", "c", "m"}, '>')), ElementsAre("message c m"));
}

TEST(ClientPubSub, SubscribesOnceHoweverOftenItIsAsked) {
  Subscriber owner;
  owner.become_subscribed("c");
  ASSERT_TRUE(owner.subscribe("c"));
  EXPECT_EQ(owner.sent(0), "");
  // The same name as a shard channel is another.
  ASSERT_TRUE(owner.subscribe("c", ChannelKind::kShard));
  EXPECT_EQ(owner.sent(0), encoded({"SSUBSCRIBE", "c"}) + ping(2));
  EXPECT_THAT(
      owner.feed(0, pushes("ssubscribe", {"c"}) + bulk("2") + array({"smessage", "c", "m"}, '>')),
      ElementsAre("subscribed c", "message c m"));
}

TEST(ClientPubSub, UnsubscribesAndHearsNoMore) {
  Subscriber owner;
  owner.become_subscribed("c");
  owner.unsubscribe("c");
  owner.unsubscribe("c");
  owner.unsubscribe("never");
  EXPECT_EQ(owner.sent(0), encoded({"UNSUBSCRIBE", "c"}) + ping(2));
  EXPECT_THAT(owner.feed(0, array({"message", "c", "m"}, '>')), IsEmpty());
  EXPECT_THAT(owner.feed(0, pushes("unsubscribe", {"c"}) + bulk("2")), IsEmpty());
  owner.lose(0);
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_EQ(owner.client.usage().unknown_channels, 0u);
}

TEST(ClientPubSub, FollowsAMindThatChangesWhileAnAnswerIsUnderWay) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  owner.unsubscribe("c");
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_THAT(owner.feed(0, pushes("subscribe", {"c"}) + bulk("1")), IsEmpty());
  EXPECT_EQ(owner.sent(0), encoded({"UNSUBSCRIBE", "c"}) + ping(2));
  owner.subscribe("c");
  EXPECT_THAT(owner.feed(0, pushes("unsubscribe", {"c"}) + bulk("2")), IsEmpty());
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(3));
  EXPECT_THAT(owner.feed(0, pushes("subscribe", {"c"}) + bulk("3")), ElementsAre("subscribed c"));
  // In the line, and out of it again.
  owner.subscribe("d");
  owner.subscribe("e");
  owner.unsubscribe("e");
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "d"}) + ping(4));
  owner.feed(0, pushes("subscribe", {"d"}) + bulk("4"));
  EXPECT_EQ(owner.sent(0), "");
}

TEST(ClientPubSub, SubscribesInBatchesAndAgainAfterALoss) {
  Subscriber owner;
  std::vector<std::string> channels;
  for (int i = 0; i < 1100; ++i) {
    channels.push_back("c" + std::to_string(i));
    ASSERT_TRUE(owner.subscribe(channels.back()));
  }
  for (int round = 0; round < 2; ++round) {
    owner.become_ready();
    std::size_t subscribed = 0;
    for (const std::size_t size : {512u, 512u, 76u}) {
      const std::string sent = owner.sent(0);
      EXPECT_EQ(sent.substr(0, sent.find('\r')), "*" + std::to_string(size + 1));
      Buffer request;
      request.append(sent);
      MutableBytes input = request.mutable_bytes();
      Parser parser;
      const auto command = parser.receive(input);
      ASSERT_TRUE(command && *command);
      std::vector<std::string> names;
      for (const Reply word : (**command).children()) names.emplace_back(word.text());
      ASSERT_EQ(names.size(), size + 1);
      names.erase(names.begin());
      const auto number = std::string((*parser.receive(input)).value()[1].text());
      subscribed += owner.feed(0, pushes("subscribe", names)).size();
      EXPECT_EQ(owner.sent(0), "");
      owner.feed(0, bulk(number));
    }
    EXPECT_EQ(subscribed, channels.size());
    EXPECT_EQ(owner.sent(0), "");
    owner.lose(0);
  }
}

TEST(ClientPubSub, TakesChannelsUpToTheLimitAndRefusesOneMore) {
  Subscriber owner;
  for (std::size_t i = 0; i < Channels::kMost; ++i) {
    ASSERT_TRUE(owner.subscribe("c" + std::to_string(i)));
  }
  EXPECT_FALSE(owner.subscribe("one more"));
  EXPECT_TRUE(owner.subscribe("c0"));
}

TEST(ClientPubSub, TriesAgainLaterWhatTheServerCannotDoYet) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  for (int i = 1; i < 8; ++i) {
    EXPECT_THAT(owner.feed(0, "-LOADING no\r\n" + bulk(std::to_string(i))), IsEmpty());
    EXPECT_EQ(owner.sent(0), "");
    EXPECT_GT(owner.client.deadline(), owner.now);
    EXPECT_LE(owner.client.deadline(), owner.now + 50 + (50 << 5));
    owner.tick_at_deadline();
    while (owner.client.output(0).empty()) owner.tick_at_deadline();
    EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(i + 1)) << i;
  }
  EXPECT_THAT(owner.feed(0, pushes("subscribe", {"c"}) + bulk("8")), ElementsAre("subscribed c"));
}

TEST(ClientPubSub, WaitsForTheBatchThatIsUnderWayAndNotForATimeThatIsPast) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  owner.feed(0, "-LOADING no\r\n" + bulk("1"));
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(2));
  owner.subscribe("d");
  EXPECT_EQ(owner.sent(0), "");
  owner.now += 500;
  EXPECT_GT(owner.client.deadline(), owner.now);
  owner.feed(0, pushes("subscribe", {"c"}) + bulk("2"));
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "d"}) + ping(3));
}

TEST(ClientPubSub, IsNotWokenForAnotherTryThatHasBegunBeforeTheTimer) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  owner.feed(0, "-LOADING no\r\n" + bulk("1"));
  owner.now = owner.client.deadline();
  owner.subscribe("d");
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c", "d"}) + ping(2));
  owner.subscribe("e");
  EXPECT_GT(owner.client.deadline(), owner.now);
}

// The line may hold what waits for another server.
TEST(ClientPubSub, IsNotWokenForAnotherTryThatNobodyNeedsAnyMore) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  owner.feed(0, "-LOADING no\r\n" + bulk("1"));
  owner.unsubscribe("c");
  EXPECT_EQ(owner.client.deadline(), owner.now + 2000);
  for (int i = 0; i < 3; ++i) {
    owner.tick_at_deadline();
    EXPECT_GT(owner.client.deadline(), owner.now) << i;
  }
  EXPECT_EQ(owner.sent(0), "");
}

TEST(ClientPubSub, TriesAgainWhatIsNeitherConfirmedNorRefused) {
  Subscriber owner;
  owner.become_ready();
  owner.subscribe("c");
  owner.sent(0);
  EXPECT_THAT(owner.feed(0, bulk("1")), IsEmpty());
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(2));
}

TEST(ClientPubSub, SubscribesAgainWhenTheServerDropsAChannel) {
  Subscriber owner;
  owner.become_subscribed("c");
  EXPECT_THAT(owner.feed(0, pushes("unsubscribe", {"c"})), IsEmpty());
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(2));
}

// ---- RESP2 ----

TEST(ClientPubSub, TakesASecondConnectionInResp2) {
  Subscriber owner;
  owner.become_ready(kNoHello);
  EXPECT_EQ(owner.client.protocol(), 2);
  ASSERT_TRUE(owner.subscribe("c"));
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 1 h:1"));
  EXPECT_THAT(owner.open(1, kNoHello), IsEmpty());
  EXPECT_EQ(owner.sent(1), encoded({"SUBSCRIBE", "c"}) + ping(1));
  EXPECT_THAT(owner.feed(1, array({"subscribe", "c", ":1"}) + array({"pong", "1"}) +
                                array({"message", "c", "m"})),
              ElementsAre("subscribed c", "message c m"));
  // While nothing is subscribed to, PING is answered by a string.
  owner.unsubscribe("c");
  EXPECT_EQ(owner.sent(1), encoded({"UNSUBSCRIBE", "c"}) + ping(2));
  EXPECT_THAT(owner.feed(1, array({"unsubscribe", "c", ":0"}) + bulk("2")), IsEmpty());
  // Its own PING after silence.
  owner.now += 2000;
  owner.tick();
  EXPECT_EQ(owner.sent(1), encoded({"PING"}));
  EXPECT_THAT(owner.feed(1, array({"pong", ""})), IsEmpty());
  // An array that is no push of a subscriber is a reply that nobody asked for.
  owner.feed(1, array({"nonsense", "c", "m"}));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 1"));
  EXPECT_TRUE(owner.client.up());
}

TEST(ClientPubSub, ClosesTheSecondConnectionWithTheFirst) {
  Subscriber owner;
  owner.become_ready(kNoHello);
  owner.subscribe("c");
  owner.next_wishes();
  owner.open(1, kNoHello);
  owner.sent(1);
  owner.feed(1, array({"subscribe", "c", ":1"}) + array({"pong", "1"}));
  EXPECT_THAT(owner.lose(0), ElementsAre("down: the connection broke"));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 1"));
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), encoded({"SUBSCRIBE", "c"}) + ping(1));
}

// ---- Probes ----

constexpr ClientOptions probing() {
  return {.probe_channel = "p", .probe_interval = 100};
}

struct Probing : Subscriber {
  Probing() : Subscriber(probing()) {
    become_ready();
    subscribe("c");
    EXPECT_EQ(sent(0), encoded({"SUBSCRIBE", "c"}) + ping(1));
    feed(0, pushes("subscribe", {"c"}) + bulk("1"));
    EXPECT_EQ(sent(0), encoded({"SUBSCRIBE", "p"}) + ping(2));
    EXPECT_THAT(feed(0, pushes("subscribe", {"p"}) + bulk("2")), IsEmpty());
  }
};

TEST(ClientPubSub, SendsItselfMessagesWhileItIsSubscribed) {
  Probing owner;
  for (int number = 1; number < 20; ++number) {
    owner.tick();
    EXPECT_EQ(owner.sent(0), encoded({"PUBLISH", "p", std::to_string(number)}));
    EXPECT_THAT(owner.feed(0, array({"message", "p", std::to_string(number)}, '>') + ":1\r\n"),
                IsEmpty());
    EXPECT_EQ(owner.client.deadline(), owner.now + 100);
    owner.now += 100;
  }
  owner.unsubscribe("c");
  owner.sent(0);
  owner.feed(0, pushes("unsubscribe", {"c"}) + bulk("3"));
  EXPECT_EQ(owner.sent(0), encoded({"UNSUBSCRIBE", "p"}) + ping(4));
  owner.feed(0, pushes("unsubscribe", {"p"}) + bulk("4"));
  owner.now += 100;
  owner.tick();
  EXPECT_EQ(owner.sent(0), "");
}

TEST(ClientPubSub, LeavesAConnectionOnWhichTwoProbesInARowAreNotHeard) {
  Probing owner;
  owner.tick();
  owner.feed(0, ":1\r\n");
  owner.now += 100;
  owner.tick();
  EXPECT_THAT(owner.feed(0, array({"message", "p", "2"}, '>') + ":1\r\n"), IsEmpty());
  for (int i = 0; i < 2; ++i) {
    owner.now += 100;
    owner.tick();
    EXPECT_THAT(owner.wishes(), IsEmpty());
    owner.feed(0, ":1\r\n");
  }
  owner.now += 100;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.events(), ElementsAre("down: the subscription is deaf"));
  EXPECT_EQ(owner.client.usage().probes_missed, 1u);
}

TEST(ClientPubSub, WaitsLongerForProbesAfterEachTimeThatItWasDeaf) {
  std::vector<Milliseconds> intervals;
  Probe probe(100);
  Milliseconds now = 1000;
  for (int i = 0; i < 6; ++i) {
    probe.start(now);
    EXPECT_EQ(probe.on_timer(now), Probe::Action::kSend);
    intervals.push_back(probe.deadline() - now);
    EXPECT_EQ(probe.on_timer(now), Probe::Action::kNothing);
    now = probe.deadline();
    EXPECT_EQ(probe.on_timer(now), Probe::Action::kSend);
    now = probe.deadline();
    EXPECT_EQ(probe.on_timer(now), Probe::Action::kDeaf);
    EXPECT_EQ(probe.deadline(), kNever);
  }
  EXPECT_THAT(intervals, ElementsAre(100, 200, 400, 800, 1000, 1000));
  probe.start(now);
  probe.on_timer(now);
  for (const std::string_view nonsense : {"", "x", "1", "999", "-1"}) probe.heard(nonsense);
  EXPECT_EQ(probe.deadline(), now + 1000);
  probe.heard(std::to_string(probe.number()));
  now = probe.deadline();
  probe.on_timer(now);
  EXPECT_EQ(probe.deadline(), now + 100);
}

TEST(ClientPubSub, GoesWithoutProbesWhereItMayNotHearThem) {
  Subscriber owner(probing());
  owner.become_ready();
  owner.subscribe("c");
  owner.feed(0, pushes("subscribe", {"c"}) + bulk("1"));
  EXPECT_THAT(owner.feed(0, "-NOPERM no\r\n" + bulk("2")), IsEmpty());
  owner.sent(0);
  owner.now += 1000;
  owner.tick();
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_THAT(owner.feed(0, array({"message", "c", "m"}, '>')), ElementsAre("message c m"));
}

}  // namespace
}  // namespace heliograph::resp
