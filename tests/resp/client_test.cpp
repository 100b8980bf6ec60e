#include "resp/client.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/memory_meter.hpp"
#include "tests/resp/client_harness.hpp"

namespace heliograph::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kUrl = "redis://h:1";

// Not a digest, which nobody here looks at.
constexpr std::string_view kDigest = "0123456789012345678901234567890123456789";
constexpr Script kClaim = {.source = "return 1", .digest = kDigest, .idempotent = true};
constexpr Script kCount = {.source = "return 2", .digest = kDigest};

struct Single : Harness {
  explicit Single(const ClientOptions& options = {}, std::string_view url = kUrl)
      : Harness(std::string(url), options) {}
};

// ---- Transports ----

TEST(Client, AsksForAConnectionAtOnce) {
  for (const auto& [url, wish] :
       std::vector<std::pair<std::string, std::string>>{{"redis://h:1", "connect 0 h:1"},
                                                        {"rediss://h", "connect 0 h:6379 tls"},
                                                        {"redis://[::1]:7", "connect 0 [::1]:7"},
                                                        {"unix:/a/b", "connect 0 /a/b"}}) {
    Harness owner(url);
    EXPECT_LE(owner.client.deadline(), owner.now);
    owner.tick();
    EXPECT_THAT(owner.wishes(), ElementsAre(wish));
    EXPECT_EQ(owner.client.links(), 1u);
  }
}

TEST(Client, ShakesHandsAndSaysThatItIsUp) {
  Single owner({.client_name = "node"}, "redis://u:p@h:1/3");
  owner.tick();
  owner.wishes();
  EXPECT_EQ(owner.client.protocol(), 0);
  owner.client.opened(0, owner.now);
  EXPECT_EQ(owner.sent(0), encoded({"HELLO", "3", "AUTH", "u", "p", "SETNAME", "node"}));
  EXPECT_THAT(owner.feed(0, kHello3), IsEmpty());
  EXPECT_EQ(owner.sent(0), encoded({"SELECT", "3"}));
  EXPECT_THAT(owner.feed(0, "+OK\r\n"), ElementsAre("up h:1"));
  EXPECT_EQ(owner.client.protocol(), 3);
}

TEST(Client, IgnoresATransportThatItHasGivenUp) {
  Single owner({.setup_deadline = 100});
  owner.tick();
  owner.wishes();
  owner.client.opened(0, owner.now);
  owner.now += 100;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.events(), ElementsAre("down: no answer in time"));
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_THAT(owner.feed(0, kHello3), IsEmpty());
  EXPECT_THAT(owner.lose(0), IsEmpty());
  EXPECT_FALSE(owner.client.up());
}

TEST(Client, SaysOnceThatItIsDownAndOnceThatItIsUpAgain) {
  Single owner;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(owner.next_wishes().size(), 1u);
    owner.client.lost(0, owner.now);
  }
  EXPECT_THAT(owner.events(), ElementsAre("down: the connection broke"));
  EXPECT_EQ(owner.next_wishes().size(), 1u);
  EXPECT_THAT(owner.open(0), ElementsAre("up h:1"));
  EXPECT_THAT(owner.feed(0, "+stray\r\n"), ElementsAre("down: a reply that no command asked for"));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
}

TEST(Client, TellsEveryReasonForWhichItStaysDownOnce) {
  Single owner;
  const auto fail_with = [&](std::string_view reason) {
    owner.next_wishes();
    owner.client.lost(0, owner.now, reason);
    return owner.events();
  };
  for (int outage = 0; outage < 2; ++outage) {
    EXPECT_THAT(fail_with("refused"), ElementsAre("down: refused"));
    EXPECT_THAT(fail_with("refused"), IsEmpty());
    EXPECT_THAT(fail_with("no route"), ElementsAre("down: no route"));
    for (const std::string_view known : {"refused", "no route", "refused"}) {
      EXPECT_THAT(fail_with(known), IsEmpty());
    }
    EXPECT_EQ(owner.next_wishes().size(), 1u);
    EXPECT_THAT(owner.open(0, "-WRONGPASS no\r\n"), ElementsAre("down: WRONGPASS no"));
    EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
    EXPECT_EQ(owner.next_wishes().size(), 1u);
    EXPECT_THAT(owner.open(0), ElementsAre("up h:1"));
    owner.client.lost(0, owner.now, "gone");
    EXPECT_THAT(owner.events(), ElementsAre("down: gone"));
  }
}

TEST(Client, TellsEightReasonsAndNotNine) {
  Single owner;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(owner.next_wishes().size(), 1u);
    owner.client.lost(0, owner.now, "reason " + std::to_string(i));
    EXPECT_EQ(owner.events().size(), i < 8 ? 1u : 0u) << i;
  }
}

TEST(Client, TellsWhyItsOwnerLostATransport) {
  Single owner;
  owner.next_wishes();
  owner.client.lost(0, owner.now, "no route to host");
  EXPECT_THAT(owner.events(), ElementsAre("down: no route to host"));
}

// ---- Commands and replies ----

TEST(Client, AnswersEveryCommandOnceAndInOrder) {
  Single owner;
  owner.become_ready();
  const std::array<std::string_view, 1> claimed = {"k"};
  EXPECT_TRUE(owner.command(Command::set("a", "1"), 11));
  EXPECT_TRUE(owner.command(Command::get("a"), 12));
  EXPECT_TRUE(owner.command(Command::run(kClaim, claimed, {}), 13));
  EXPECT_EQ(owner.sent(0), encoded({"SET", "a", "1"}) + encoded({"GET", "a"}) +
                               encoded({"EVALSHA", kDigest, "1", "k"}));
  EXPECT_EQ(owner.client.queued_commands(), 3u);
  EXPECT_THAT(owner.feed(0, "+OK\r\n$1\r\n1\r\n-ERR no\r\n"),
              ElementsAre("11 +\"OK\"", "12 \"1\"", "13 -\"ERR no\""));
  EXPECT_EQ(owner.client.queued_commands(), 0u);
  EXPECT_EQ(owner.client.queued_bytes(), 0u);
  EXPECT_EQ(owner.client.usage().commands, 3u);
}

TEST(Client, LetsCommandsWaitForTheConnection) {
  Single owner;
  EXPECT_TRUE(owner.command(Command::get("a"), 1));
  EXPECT_TRUE(owner.command(Command::set("a", "1"), 2));
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), encoded({"GET", "a"}) + encoded({"SET", "a", "1"}));
  EXPECT_THAT(owner.feed(0, "_\r\n+OK\r\n"), ElementsAre("1 null", "2 +\"OK\""));
}

TEST(Client, GivesTheSameEventsWhenBytesComeOneByOne) {
  const std::string stream =
      "+OK\r\n" + array({"message", "c", "hello"}, '>') + "|1\r\n+a\r\n:1\r\n$1\r\n1\r\n:7\r\n";
  Lines whole;
  Lines bytewise;
  for (Lines* const lines : {&whole, &bytewise}) {
    Single owner;
    owner.become_ready();
    owner.subscribe("c");
    owner.feed(0, array({"subscribe", "c", ":1"}, '>') + bulk("1"));
    owner.command(Command::set("a", "1"), 1);
    owner.command(Command::get("a"), 2);
    owner.command(Command::get("a"), 3);
    *lines = lines == &whole ? owner.feed(0, stream) : owner.feed_bytewise(0, stream);
  }
  EXPECT_EQ(whole, bytewise);
  EXPECT_THAT(whole, ElementsAre("1 +\"OK\"", "message c hello", "2 |[+\"a\", :1] \"1\"",
                                 "failed 3: the connection broke, may have run",
                                 "down: a reply of a type that its command does not have"));
}

TEST(Client, ClosesOnAReplyOfATypeThatItsCommandDoesNotHave) {
  const std::array<std::string_view, 1> keys = {"k"};
  struct Case {
    Command command;
    std::string_view good;
    std::string_view bad;
  };
  const std::vector<Case> cases = {
      {Command::get("k"), "_\r\n", ":1\r\n"},
      {Command::get("k"), "$1\r\na\r\n", "*0\r\n"},
      {Command::set("k", "v"), "+OK\r\n", ":1\r\n"},
      {Command::del(keys), ":1\r\n", "+OK\r\n"},
      {Command::exists(keys), ":1\r\n", "_\r\n"},
      {Command::hget("k", "f"), "$-1\r\n", "%0\r\n"},
      {Command::incr("k"), ":1\r\n", "$1\r\n1\r\n"},
      {Command::pexpire("k", 1), ":1\r\n", "#t\r\n"},
      {Command::publish("c", "m"), ":1\r\n", "+OK\r\n"},
      {Command::spublish("c", "m"), ":1\r\n", "+OK\r\n"},
      {Command::scan("0"), "*2\r\n$1\r\n0\r\n*0\r\n", "$1\r\n0\r\n"},
      {Command::ping(), "+PONG\r\n", ":1\r\n"},
      {Command::role(), "*1\r\n$6\r\nmaster\r\n", "$6\r\nmaster\r\n"},
  };
  for (const auto& [command, good, bad] : cases) {
    Single owner;
    owner.become_ready();
    ASSERT_TRUE(owner.command(command, 1));
    EXPECT_THAT(owner.feed(0, good), ElementsAre(StartsWith("1 "))) << good;
    ASSERT_TRUE(owner.command(command, 2));
    EXPECT_THAT(owner.feed(0, "-ERR no\r\n"), ElementsAre("2 -\"ERR no\"")) << good;
    ASSERT_TRUE(owner.command(command, 3));
    EXPECT_THAT(owner.feed(0, bad),
                ElementsAre("failed 3: the connection broke, may have run",
                            "down: a reply of a type that its command does not have"))
        << bad;
    EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  }
}

TEST(Client, RefusesCommandsThatNoClientSurvives) {
  Single owner;
  owner.become_ready();
  for (const std::string_view name :
       {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
        "MONITOR", "HELLO", "RESET", "QUIT", "SYNC", "PSYNC", "subscribe"}) {
    const std::array<std::string_view, 1> words = {name};
    EXPECT_FALSE(owner.command(Command::other(words), 1)) << name;
  }
  const std::array<std::string_view, 3> no_replies = {"CLIENT", "reply", "OFF"};
  EXPECT_FALSE(owner.command(Command::other(no_replies), 1));
  EXPECT_FALSE(owner.command(Command::other({}), 1));
  EXPECT_EQ(owner.sent(0), "");
  const std::array<std::string_view, 2> id = {"CLIENT", "ID"};
  EXPECT_TRUE(owner.command(Command::other(id), 1));
}

TEST(Client, AcceptsCommandsUpToTheLimitOfTheQueueAndRefusesOneMore) {
  for (const bool ready : {false, true}) {
    Single owner;
    if (ready) owner.become_ready();
    for (Token token = 0; token < 4096; ++token) {
      ASSERT_TRUE(owner.command(Command::get("k"), token));
    }
    EXPECT_FALSE(owner.command(Command::get("k"), 4096));
    if (!ready) owner.become_ready();
    owner.feed(0, "_\r\n");
    EXPECT_TRUE(owner.command(Command::get("k"), 4097));
    EXPECT_FALSE(owner.command(Command::get("k"), 4098));
  }
}

TEST(Client, AcceptsBytesUpToTheLimitOfTheQueueAndRefusesOneMore) {
  const std::size_t size = encoded({"GET", "0123456789"}).size();
  for (const bool ready : {false, true}) {
    Single owner({.queue_bytes = 2 * size});
    if (ready) owner.become_ready();
    EXPECT_TRUE(owner.command(Command::get("0123456789"), 1));
    EXPECT_FALSE(owner.command(Command::get("0123456789a"), 2));
    EXPECT_TRUE(owner.command(Command::get("0123456789"), 3));
    EXPECT_EQ(owner.client.queued_bytes(), 2 * size);
    EXPECT_FALSE(owner.command(Command::get(""), 4));
  }
}

TEST(Client, AllocatesNothingForAGetOnceItHasSeenOne) {
  Single owner;
  owner.become_ready();
  const auto rounds = [&](int count) {
    std::vector<std::uint8_t> reply(5 * 64);
    for (int round = 0; round < count; ++round) {
      for (Token token = 0; token < 64; ++token) {
        ASSERT_TRUE(owner.command(Command::get("user:0123456789"), token));
      }
      owner.client.output(0).clear();
      for (std::size_t i = 0; i < 64; ++i) {
        const std::string_view one = "$-1\r\n";
        std::ranges::copy(one, reply.begin() + static_cast<std::ptrdiff_t>(5 * i));
      }
      MutableBytes input = reply;
      int replies = 0;
      while (owner.client.receive(0, input, owner.now)) ++replies;
      ASSERT_EQ(replies, 64);
    }
  };
  const auto allocations_of = [&](int count) {
    const MemoryMeter meter;
    rounds(count);
    return meter.allocations();
  };
  rounds(1);
  const std::size_t buffers_of_the_test = 1;
  EXPECT_EQ(allocations_of(1), buffers_of_the_test);
  EXPECT_EQ(allocations_of(100), buffers_of_the_test);
}

// ---- Deadlines ----

TEST(Client, FailsALateCommandAndClosesSoThatItsReplyReachesNoOther) {
  Single owner;
  owner.become_ready();
  owner.command(Command::set("key1", "v"), 1);
  owner.now += 1999;
  owner.tick();
  EXPECT_THAT(owner.events(), IsEmpty());
  EXPECT_THAT(owner.wishes(), IsEmpty());
  owner.command(Command::get("key3"), 3);
  owner.now += 1;
  EXPECT_EQ(owner.client.deadline(), owner.now);
  owner.tick();
  EXPECT_THAT(owner.events(),
              ElementsAre("failed 1: no answer in time, may have run", "down: no answer in time"));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_TRUE(owner.command(Command::get("key2"), 2));
  EXPECT_THAT(owner.feed(0, "$6\r\nvalue1\r\n"), IsEmpty());
  owner.become_ready();
  EXPECT_THAT(owner.feed(0, "$6\r\nvalue3\r\n$6\r\nvalue2\r\n"),
              ElementsAre("3 \"value3\"", "2 \"value2\""));
}

TEST(Client, FailsACommandThatWaitsTooLong) {
  Single owner;
  owner.tick();
  owner.wishes();
  owner.command(Command::set("a", "1"), 1);
  owner.now += 1999;
  owner.tick();
  EXPECT_THAT(owner.events(), IsEmpty());
  owner.now += 1;
  owner.tick();
  EXPECT_THAT(owner.events(), ElementsAre("failed 1: no answer in time"));
  owner.open(0);
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_EQ(owner.client.queued_bytes(), 0u);
}

TEST(Client, PingsAfterSilenceAndClosesWhenNothingComesBack) {
  Single owner;
  owner.become_ready();
  owner.now += 2000;
  EXPECT_EQ(owner.client.deadline(), owner.now);
  owner.tick();
  EXPECT_EQ(owner.sent(0), encoded({"PING"}));
  owner.command(Command::get("a"), 1);
  EXPECT_THAT(owner.feed(0, "+PONG\r\n_\r\n"), ElementsAre("1 null"));
  owner.now += 2000;
  owner.tick();
  owner.now += 2000;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.events(), ElementsAre("down: no answer in time"));
}

// ---- Loss ----

TEST(Client, ResendsReadsAndIdempotentScriptsOnceAndFailsTheRest) {
  const std::array<std::string_view, 1> keys = {"k"};
  Single owner;
  owner.become_ready();
  owner.command(Command::get("a"), 1);
  owner.command(Command::set("b", "1"), 2);
  owner.command(Command::run(kClaim, keys, {}), 3);
  owner.command(Command::run(kCount, keys, {}), 4);
  owner.command(Command::hget("a", "f"), 5);
  owner.command(Command::incr("n"), 6);
  owner.sent(0);
  EXPECT_THAT(owner.lose(0), ElementsAre("failed 2: the connection broke, may have run",
                                         "failed 4: the connection broke, may have run",
                                         "failed 6: the connection broke, may have run",
                                         "down: the connection broke"));
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), encoded({"GET", "a"}) + encoded({"EVALSHA", kDigest, "1", "k"}) +
                               encoded({"HGET", "a", "f"}));
  EXPECT_EQ(owner.client.usage().resent, 3u);
  EXPECT_THAT(owner.feed(0, "_\r\n"), ElementsAre("1 null"));
  EXPECT_THAT(owner.lose(0), ElementsAre("failed 3: the connection broke, may have run",
                                         "failed 5: the connection broke, may have run",
                                         "down: the connection broke"));
}

TEST(Client, KeepsTheDeadlineOfACommandThatIsSentAgain) {
  Single owner;
  owner.become_ready();
  owner.command(Command::get("a"), 1);
  owner.now += 1500;
  owner.lose(0);
  owner.now += 500;
  owner.tick();
  EXPECT_THAT(owner.events(), ElementsAre("failed 1: no answer in time, may have run"));
}

TEST(Client, FailsFastWhileTheServerRefusesIt) {
  Single owner;
  owner.command(Command::get("a"), 1);
  owner.tick();
  owner.wishes();
  EXPECT_THAT(owner.open(0, "-WRONGPASS no\r\n"),
              ElementsAre("down: WRONGPASS no", "failed 1: the server refuses us"));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_EQ(owner.client.refusal(), "WRONGPASS no");
  EXPECT_FALSE(owner.command(Command::get("a"), 2));
  EXPECT_GE(owner.client.deadline(), owner.now + 1000);
  owner.become_ready();
  EXPECT_EQ(owner.client.refusal(), "");
  EXPECT_TRUE(owner.command(Command::get("a"), 3));
}

TEST(Client, TellsOfARefusalWithoutThePassword) {
  Single owner({}, "redis://:secret@h:1");
  owner.tick();
  owner.wishes();
  owner.open(0, kNoHello);
  EXPECT_THAT(
      owner.feed(0, "-ERR unknown command `AUTH`, with args beginning with: `secret`, \r\n"),
      ElementsAre("down: ERR unknown command `AUTH`"));
  EXPECT_EQ(owner.client.refusal(), "ERR unknown command `AUTH`");
}

TEST(Client, ForgetsACommandThatIsCancelled) {
  Single owner;
  owner.command(Command::get("waiting"), 1);
  owner.client.cancel(1);
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), "");
  owner.command(Command::get("a"), 2);
  owner.command(Command::set("b", "1"), 3);
  owner.command(Command::get("c"), 4);
  owner.client.cancel(2);
  owner.client.cancel(99);
  EXPECT_THAT(owner.feed(0, "+A\r\n+OK\r\n"), ElementsAre("3 +\"OK\""));
  owner.command(Command::set("d", "1"), 5);
  owner.command(Command::set("e", "1"), 6);
  owner.client.cancel(5);
  owner.client.lost(0, owner.now);
  owner.client.cancel(6);
  EXPECT_THAT(owner.events(), ElementsAre("down: the connection broke"));
  owner.become_ready();
  EXPECT_THAT(owner.feed(0, "+C\r\n"), ElementsAre("4 +\"C\""));
  EXPECT_EQ(owner.client.queued_commands(), 0u);
}

TEST(Client, KeepsThePlaceOfACancelledCommand) {
  Single owner;
  owner.become_ready();
  owner.command(Command::get("old"), 1000);
  for (Token token = 0; token < 100; ++token) owner.command(Command::get("new"), token);
  owner.client.cancel(1000);
  std::string replies = "+old\r\n";
  Lines expected;
  for (Token token = 0; token < 100; ++token) {
    replies += "+v" + std::to_string(token) + "\r\n";
    expected.push_back(std::to_string(token) + " +\"v" + std::to_string(token) + "\"");
  }
  EXPECT_EQ(owner.feed(0, replies), expected);
}

TEST(Client, SendsNothingOfACommandThatIsCancelledWhileItWaits) {
  for (Token cancelled = 1; cancelled <= 3; ++cancelled) {
    Single owner;
    owner.command(Command::get("a"), 1);
    owner.command(Command::get("bbb"), 2);
    owner.command(Command::get("cc"), 3);
    owner.client.cancel(cancelled);
    owner.become_ready();
    std::string expected;
    if (cancelled != 1) expected += encoded({"GET", "a"});
    if (cancelled != 2) expected += encoded({"GET", "bbb"});
    if (cancelled != 3) expected += encoded({"GET", "cc"});
    EXPECT_EQ(owner.sent(0), expected);
    EXPECT_EQ(owner.client.queued_bytes(), expected.size());
  }
}

TEST(Client, ClosesEvenForACancelledCommandThatIsLate) {
  Single owner;
  owner.become_ready();
  owner.command(Command::get("a"), 1);
  owner.client.cancel(1);
  owner.now += 2000;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.events(), ElementsAre("down: no answer in time"));
}

// ---- What is no answer ----

TEST(Client, SendsTheSourceOfAScriptThatTheServerDoesNotKnow) {
  const std::array<std::string_view, 2> keys = {"k", "l"};
  const std::array<std::string_view, 1> arguments = {"a\r\nb"};
  Single owner;
  owner.become_ready();
  owner.command(Command::run(kCount, keys, arguments), 1);
  owner.command(Command::get("g"), 2);
  owner.sent(0);
  EXPECT_THAT(owner.feed(0, "-NOSCRIPT No matching script.\r\n_\r\n"), ElementsAre("2 null"));
  EXPECT_EQ(owner.sent(0), encoded({"EVAL", kCount.source, "2", "k", "l", "a\r\nb"}));
  EXPECT_THAT(owner.feed(0, ":2\r\n"), ElementsAre("1 :2"));
  // Once is enough.
  owner.command(Command::run(kCount, keys, arguments), 3);
  owner.feed(0, "-NOSCRIPT no\r\n");
  EXPECT_THAT(owner.feed(0, "-NOSCRIPT no\r\n"), ElementsAre("3 -\"NOSCRIPT no\""));
  EXPECT_EQ(owner.client.queued_bytes(), 0u);
}

TEST(Client, TriesAgainWhileTheServerLoadsItsData) {
  Single owner;
  owner.become_ready();
  owner.command(Command::set("a", "1"), 1);
  owner.sent(0);
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(owner.feed(0, "-LOADING Redis is loading\r\n"), IsEmpty());
    EXPECT_EQ(owner.sent(0), "");
    EXPECT_GE(owner.client.deadline(), owner.now + 10);
    EXPECT_LE(owner.client.deadline(), owner.now + 330);
    owner.tick_at_deadline();
    if (i == 7) break;
    ASSERT_EQ(owner.sent(0), encoded({"SET", "a", "1"})) << i;
  }
  EXPECT_THAT(owner.feed(0, "+OK\r\n"), ElementsAre("1 +\"OK\""));
  EXPECT_EQ(owner.client.usage().retries, 8u);
}

TEST(Client, HandsOnWhatOnlyAClusterSaysIfItWasToldOfNone) {
  Single owner;
  owner.become_ready();
  for (const std::string error : {"MOVED 1 h:2", "ASK 1 h:2", "TRYAGAIN later", "CLUSTERDOWN no",
                                  "READONLY no", "MASTERDOWN no", "CROSSSLOT no", "ERR no"}) {
    owner.command(Command::get("a"), 1);
    EXPECT_THAT(owner.feed(0, "-" + error + "\r\n"), ElementsAre("1 -\"" + error + "\""));
  }
}

TEST(Client, AsksNotAgainWhatWasAnsweredTooLong) {
  Single owner({.limits = {.bulk = 16}});
  owner.become_ready();
  owner.command(Command::get("long"), 1);
  owner.command(Command::get("short"), 2);
  owner.sent(0);
  EXPECT_THAT(
      owner.feed(0, "$17\r\n12345678901234567\r\n"),
      ElementsAre("failed 1: the connection broke, may have run", ::testing::StartsWith("down: ")));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  owner.become_ready();
  EXPECT_EQ(owner.sent(0), encoded({"GET", "short"}));
  EXPECT_THAT(owner.feed(0, "$16\r\n1234567890123456\r\n"), ElementsAre("2 \"1234567890123456\""));
}

TEST(Client, DescribesEveryFailure) {
  EXPECT_EQ(describe(Failure::kLate), "no answer in time");
  EXPECT_EQ(describe(Failure::kLost), "the connection broke");
  EXPECT_EQ(describe(Failure::kRefused), "the server refuses us");
  EXPECT_EQ(describe(Failure::kTooManyRedirects), "too many redirects");
}

}  // namespace
}  // namespace heliograph::resp
