// The client of Sentinels and of a Cluster, without sockets.
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/cluster.hpp"
#include "tests/resp/client_harness.hpp"

namespace heliograph::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- Sentinel ----

constexpr std::string_view kMasterRole = "*1\r\n$6\r\nmaster\r\n";
constexpr std::string_view kReplicaRole = "*1\r\n$5\r\nslave\r\n";

const std::string kWhoIsMaster = encoded({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"});
const std::string kAnnounce = encoded({"SUBSCRIBE", "+switch-master"}) + encoded({"PING", "1"});
const std::string kRole = encoded({"ROLE"});

// Link 0 leads to the master, links 1 and 2 to the Sentinels.
struct Watched : Harness {
  explicit Watched(const ClientOptions& options = {})
      : Harness("redis-sentinel://u:p@s1,s2:7/main/3", options) {}

  // Up to the question who the master is.
  void reach_sentinel(LinkId link, std::string_view hello = kHello3) {
    open(link, hello);
    EXPECT_EQ(sent(link), kWhoIsMaster);
  }
  Lines answer(LinkId link, std::string_view host, std::string_view port) {
    return feed(link, array({host, port}));
  }
  // The handshake with the data, up to ROLE.
  void reach_data() {
    open(0);
    EXPECT_EQ(sent(0), encoded({"SELECT", "3"}));
    EXPECT_THAT(feed(0, "+OK\r\n"), IsEmpty());
    EXPECT_EQ(sent(0), kRole);
  }
  void become_up() {
    EXPECT_THAT(next_wishes(), ElementsAre("connect 1 s1:26379"));
    reach_sentinel(1);
    EXPECT_THAT(answer(1, "m1", "1"), IsEmpty());
    EXPECT_EQ(sent(1), kAnnounce);
    EXPECT_THAT(wishes(), ElementsAre("connect 0 m1:1"));
    reach_data();
    EXPECT_THAT(feed(0, kMasterRole), ElementsAre("up m1:1"));
  }
};

TEST(ClientOfWatchedMaster, AsksASentinelAndChecksTheRole) {
  Watched owner({.sentinel_user = "su", .sentinel_password = "sp"});
  owner.command(Command::get("a"), 1);
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 1 s1:26379"));
  owner.client.opened(1, owner.now);
  EXPECT_EQ(owner.sent(1), encoded({"HELLO", "3", "AUTH", "su", "sp"}));
  owner.feed(1, kHello3);
  EXPECT_EQ(owner.sent(1), kWhoIsMaster);
  owner.answer(1, "m1", "1");
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m1:1"));
  owner.client.opened(0, owner.now);
  EXPECT_EQ(owner.sent(0), encoded({"HELLO", "3", "AUTH", "u", "p"}));
  owner.feed(0, kHello3);
  owner.feed(0, "+OK\r\n");
  EXPECT_EQ(owner.sent(0), encoded({"SELECT", "3"}) + kRole);
  EXPECT_THAT(owner.feed(0, kMasterRole), ElementsAre("up m1:1"));
  EXPECT_EQ(owner.sent(0), encoded({"GET", "a"}));
  EXPECT_THAT(owner.feed(1, array({"subscribe", "+switch-master", ":1"}, '>') + bulk("1")),
              IsEmpty());
}

TEST(ClientOfWatchedMaster, AsksTheNextSentinelWhenOneIsOfNoHelp) {
  const std::vector<std::string> useless = {"_\r\n",
                                            "-ERR no\r\n",
                                            "*1\r\n+a\r\n",
                                            ":1\r\n",
                                            array({"m1", "0"}),
                                            array({"m1", "x"}),
                                            array({"m 1", "1"}),
                                            array({"", "1"})};
  for (const std::string& answer : useless) {
    Watched owner;
    owner.next_wishes();
    owner.reach_sentinel(1);
    EXPECT_THAT(owner.feed(1, answer), IsEmpty());
    EXPECT_THAT(owner.next_wishes(), ElementsAre("close 1", "connect 2 s2:7")) << answer;
    owner.reach_sentinel(2);
    EXPECT_THAT(owner.feed(2, answer), SizeIs(1)) << answer;  // down
    EXPECT_THAT(owner.next_wishes(), ElementsAre("close 2"));
    EXPECT_THAT(owner.next_wishes(), SizeIs(1));
  }
  Watched owner;
  owner.next_wishes();
  owner.client.lost(1, owner.now);
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 2 s2:7"));
  owner.client.lost(2, owner.now);
  EXPECT_THAT(owner.events(), ElementsAre("down: the connection broke"));
}

TEST(ClientOfWatchedMaster, AsksAgainWhenTheServerIsNoMaster) {
  Watched owner;
  owner.next_wishes();
  owner.reach_sentinel(1);
  owner.answer(1, "m1", "1");
  owner.wishes();
  owner.sent(1);
  owner.reach_data();
  owner.feed(0, kReplicaRole);
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.feed(1, bulk("1")), IsEmpty());
  while (owner.client.output(1).empty()) owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(1), kWhoIsMaster);
  owner.answer(1, "m2", "2");
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m2:2"));
  owner.reach_data();
  EXPECT_THAT(owner.feed(0, kMasterRole), ElementsAre("up m2:2"));
}

TEST(ClientOfWatchedMaster, LooksForTheMasterWhenTheServerHasBecomeAReplica) {
  for (const std::string_view error : {"-READONLY no\r\n", "-MASTERDOWN no\r\n"}) {
    Watched owner;
    owner.become_up();
    owner.command(Command::set("a", "1"), 1);
    owner.command(Command::get("b"), 2);
    owner.command(Command::incr("c"), 3);
    owner.sent(0);
    EXPECT_THAT(owner.feed(0, error), ElementsAre("failed 3: the connection broke, may have run",
                                                  "down: the server is no master any more"));
    EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
    owner.feed(1, bulk("1"));
    while (owner.client.output(1).empty()) owner.tick_at_deadline();
    EXPECT_EQ(owner.sent(1), kWhoIsMaster);
    owner.answer(1, "m2", "2");
    owner.wishes();
    owner.reach_data();
    EXPECT_THAT(owner.feed(0, kMasterRole), ElementsAre("up m2:2"));
    EXPECT_EQ(owner.sent(0), encoded({"SET", "a", "1"}) + encoded({"GET", "b"}));
    EXPECT_THAT(owner.feed(0, "+OK\r\n_\r\n"), ElementsAre("1 +\"OK\"", "2 null"));
  }
}

TEST(ClientOfWatchedMaster, FollowsTheAnnouncementOfANewMaster) {
  Watched owner;
  owner.become_up();
  for (const std::string_view news : {"other m1 1 m2 2", "main m1 1 m2", "main m1 1 m2 x",
                                      "main m1 1 m2 2 3", "", "main m1 1 m1 1"}) {
    EXPECT_THAT(owner.feed(1, array({"message", "+switch-master", news}, '>')), IsEmpty()) << news;
    EXPECT_THAT(owner.wishes(), IsEmpty()) << news;
  }
  owner.feed(1, array({"message", "+sdown", "main m1 1 m2 2"}, '>'));
  EXPECT_THAT(owner.wishes(), IsEmpty());
  EXPECT_THAT(owner.feed(1, array({"message", "+switch-master", "main m1 1 m2 2"}, '>')),
              ElementsAre("down: another server is the master"));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0", "connect 0 m2:2"));
  owner.reach_data();
  EXPECT_THAT(owner.feed(0, kMasterRole), ElementsAre("up m2:2"));
  // The news may come before our own loss is noticed, or after.
  owner.now += 50;
  owner.lose(0);
  owner.feed(1, array({"message", "+switch-master", "main m2 2 m3 3"}, '>'));
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m3:3"));
}

TEST(ClientOfWatchedMaster, ConnectsToTheNewestOfManyAnnouncedMasters) {
  Watched owner;
  owner.become_up();
  std::string storm;
  for (int i = 2; i < 500; ++i) {
    const std::string news = "main m1 1 m" + std::to_string(i) + " 1";
    storm += array({"message", "+switch-master", news}, '>');
  }
  EXPECT_THAT(owner.feed(1, storm), ElementsAre("down: another server is the master"));
  EXPECT_THAT(owner.wishes().size(), ::testing::Le(4u));
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 0 m499:1"));
  EXPECT_LE(owner.client.usage().connects, 5u);
}

TEST(ClientOfWatchedMaster, KeepsASentinelForItsNews) {
  Watched owner;
  owner.become_up();
  owner.lose(1);
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 2 s2:7"));
  owner.open(2);
  EXPECT_EQ(owner.sent(2), "");  // the master is known
  EXPECT_TRUE(owner.client.up());
}

TEST(ClientOfWatchedMaster, LetsASentinelGoThatSpeaksResp2) {
  Watched owner;
  owner.next_wishes();
  owner.reach_sentinel(1, kNoHello);
  owner.answer(1, "m1", "1");
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m1:1", "close 1"));
  owner.reach_data();
  EXPECT_THAT(owner.feed(0, kMasterRole), ElementsAre("up m1:1"));
  owner.tick();
  EXPECT_THAT(owner.wishes(), IsEmpty());
  EXPECT_THAT(owner.lose(0), ElementsAre("down: the connection broke"));
  const Lines asked = owner.next_wishes();
  ASSERT_THAT(asked, SizeIs(1));
  const LinkId sentinel = asked[0].starts_with("connect 1") ? 1 : 2;
  owner.open(sentinel, kNoHello);
  while (owner.client.output(sentinel).empty()) owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(sentinel), kWhoIsMaster);
  // That it has gone because it has answered is no reason why we are down.
  EXPECT_THAT(owner.answer(sentinel, "m1", "1"), IsEmpty());
  EXPECT_FALSE(owner.client.up());
}

TEST(ClientOfWatchedMaster, LeavesASentinelThatDoesNotAnswer) {
  Watched owner;
  owner.next_wishes();
  owner.reach_sentinel(1);
  owner.now += 2000;
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 1", "connect 2 s2:7"));
}

TEST(ClientOfWatchedMaster, FailsFastWhenTheMasterRefusesIt) {
  Watched owner;
  owner.next_wishes();
  owner.reach_sentinel(1);
  owner.answer(1, "m1", "1");
  owner.wishes();
  owner.command(Command::get("a"), 1);
  EXPECT_THAT(owner.open(0, "-WRONGPASS no\r\n"),
              ElementsAre("down: WRONGPASS no", "failed 1: the server refuses us"));
}

TEST(ClientOfWatchedMaster, SaysThatItIsDownWhenTheMasterThatASentinelNamesIsDead) {
  Watched owner;
  owner.next_wishes();
  owner.reach_sentinel(1);
  owner.answer(1, "m1", "1");
  owner.sent(1);
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m1:1"));
  EXPECT_THAT(owner.lose(0), IsEmpty());
  owner.feed(1, bulk("1"));
  while (owner.client.output(1).empty()) owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(1), kWhoIsMaster);
  EXPECT_THAT(owner.answer(1, "m1", "1"), IsEmpty());
  EXPECT_THAT(owner.wishes(), ElementsAre("connect 0 m1:1"));
  EXPECT_THAT(owner.lose(0), ElementsAre("down: the connection broke"));
}

// ---- Cluster ----

const std::string kSlotsQuestion = encoded({"CLUSTER", "SLOTS"});
const std::string kAsking = encoded({"ASKING"});

// A server with its range of slots, as CLUSTER SLOTS tells of it.
std::string range(int first, int last, std::string_view host, int port) {
  return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n*3\r\n" +
         (host == "_" ? "_\r\n" : bulk(host)) + ":" + std::to_string(port) + "\r\n" + bulk("id");
}

// "a" has slot 15495, "b" 3300, "c" 7365.
const std::string kTwoServers = "*2\r\n" + range(0, 8191, "n1", 1) + range(8192, 16383, "n2", 2);

// Links 0 and 1 are the servers of the URL; n1 is link 2, n2 link 3.
struct Clustered : Harness {
  explicit Clustered(const ClientOptions& options = {})
      : Harness("redis-cluster://seed1,seed2:7", options) {}

  void read_table(std::string_view table = kTwoServers) {
    EXPECT_THAT(next_wishes(), ElementsAre("connect 0 seed1:6379"));
    EXPECT_THAT(open(0), IsEmpty());
    EXPECT_EQ(sent(0), kSlotsQuestion);
    EXPECT_THAT(feed(0, table), ElementsAre("up seed1:6379"));
  }
  // Both servers connected; the server of the URL is not needed any more.
  void connect_both() {
    read_table();
    command(Command::get("b"), 900);
    command(Command::get("a"), 901);
    Lines all;
    while (all.size() < 2) {
      for (std::string& line : next_wishes()) all.push_back(std::move(line));
    }
    EXPECT_THAT(all, ::testing::UnorderedElementsAre("connect 2 n1:1", "connect 3 n2:2"));
    open(2);
    open(3);
    EXPECT_EQ(sent(2), encoded({"GET", "b"}));
    EXPECT_EQ(sent(3), encoded({"GET", "a"}));
    EXPECT_THAT(feed(2, "_\r\n"), ElementsAre("900 null"));
    EXPECT_THAT(feed(3, "_\r\n"), ElementsAre("901 null"));
    tick();
    EXPECT_THAT(wishes(), ElementsAre("close 0"));
    EXPECT_THAT(events(), IsEmpty());
  }
};

TEST(ClientOfSlots, SendsEachCommandToTheServerOfItsSlot) {
  Clustered owner;
  owner.connect_both();
  owner.command(Command::get("a"), 1);
  owner.command(Command::get("{b}x"), 2);
  owner.command(Command::publish("c", "m"), 3);
  EXPECT_EQ(owner.sent(2), encoded({"GET", "{b}x"}) + encoded({"PUBLISH", "c", "m"}));
  EXPECT_EQ(owner.sent(3), encoded({"GET", "a"}));
  EXPECT_TRUE(owner.command(Command::ping(), 4));
  EXPECT_NE(owner.sent(2) + owner.sent(3), "");
}

TEST(ClientOfSlots, AsksTheNextServerWhenOneIsOfNoHelp) {
  const std::vector<std::string> useless = {"-ERR This instance has cluster support disabled\r\n",
                                            ":1\r\n",
                                            "*1\r\n:1\r\n",
                                            "*1\r\n" + range(-1, 5, "h", 1),
                                            "*1\r\n" + range(6, 5, "h", 1),
                                            "*1\r\n" + range(0, 16384, "h", 1),
                                            "*1\r\n" + range(0, 5, "h", 0),
                                            "*1\r\n" + range(0, 5, "h", 65536),
                                            "*1\r\n" + range(0, 5, "h h", 1),
                                            "*1\r\n" + range(0, 5, std::string(256, 'h'), 1),
                                            "*1\r\n*2\r\n:0\r\n:5\r\n",
                                            "*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n:1\r\n:1\r\n",
                                            "*1\r\n*3\r\n+0\r\n:5\r\n*2\r\n+h\r\n:1\r\n"};
  for (const std::string& answer : useless) {
    Clustered owner;
    owner.next_wishes();
    owner.open(0);
    EXPECT_EQ(owner.sent(0), kSlotsQuestion);
    owner.feed(0, answer);
    EXPECT_THAT(owner.wishes(), ElementsAre("close 0")) << answer;
    EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 1 seed2:7")) << answer;
    owner.open(1);
    EXPECT_EQ(owner.sent(1), kSlotsQuestion);
    EXPECT_THAT(owner.feed(1, kTwoServers), ::testing::Contains("up seed2:7"));
  }
}

TEST(ClientOfSlots, TakesTheHostThatAnswersForOneWithoutAName) {
  for (const std::string_view host : {"_", "", "?"}) {
    Clustered owner;
    owner.read_table("*1\r\n" + range(0, 16383, host, 9));
    owner.command(Command::get("a"), 1);
    EXPECT_THAT(owner.next_wishes(), ::testing::Contains("connect 2 seed1:9"));
  }
}

TEST(ClientOfSlots, AsksAgainWhileNobodyHasASlot) {
  Clustered owner;
  owner.next_wishes();
  owner.open(0);
  EXPECT_EQ(owner.sent(0), kSlotsQuestion);
  EXPECT_THAT(owner.feed(0, "*0\r\n"), IsEmpty());
  owner.command(Command::get("a"), 1);
  EXPECT_EQ(owner.sent(0), "");
  EXPECT_EQ(owner.client.deadline(), owner.now + 100);
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(0), kSlotsQuestion);
  EXPECT_THAT(owner.feed(0, "*1\r\n" + range(0, 100, "n1", 1)), ElementsAre("up seed1:6379"));
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(0), kSlotsQuestion);
  owner.feed(0, kTwoServers);
  EXPECT_THAT(owner.next_wishes(), ::testing::Contains("connect 3 n2:2"));
}

TEST(ClientOfSlots, SaysThatItIsDownWhileNobodyHasAnySlot) {
  Clustered owner;
  owner.next_wishes();
  owner.open(0);
  owner.sent(0);
  EXPECT_THAT(owner.feed(0, "*0\r\n"), IsEmpty());
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(0), kSlotsQuestion);
  EXPECT_THAT(owner.feed(0, "*0\r\n"), ElementsAre("down: no server has slots"));
  owner.tick_at_deadline();
  owner.sent(0);
  EXPECT_THAT(owner.feed(0, kTwoServers), ElementsAre("up seed1:6379"));
}

TEST(ClientOfSlots, SaysThatItIsDownWhenNoServerTellsTheSlots) {
  Clustered owner;
  owner.next_wishes();
  owner.open(0);
  EXPECT_THAT(owner.feed(0, "-ERR cluster support disabled\r\n"), IsEmpty());
  EXPECT_THAT(owner.wishes(), ElementsAre("close 0"));
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 1 seed2:7"));
  owner.open(1);
  EXPECT_THAT(owner.feed(1, "-ERR cluster support disabled\r\n"),
              ElementsAre("down: ERR cluster support disabled"));
}

TEST(ClientOfSlots, FollowsMovedAndRemembersIt) {
  Clustered owner;
  owner.connect_both();
  owner.command(Command::set("a", "1"), 1);
  EXPECT_EQ(owner.sent(3), encoded({"SET", "a", "1"}));
  EXPECT_THAT(owner.feed(3, "-MOVED 15495 n1:1\r\n"), IsEmpty());
  EXPECT_EQ(owner.sent(2), encoded({"SET", "a", "1"}));
  EXPECT_THAT(owner.feed(2, "+OK\r\n"), ElementsAre("1 +\"OK\""));
  owner.command(Command::get("a"), 2);
  EXPECT_EQ(owner.sent(2), encoded({"GET", "a"}));
  EXPECT_EQ(owner.client.usage().redirects, 1u);
  // The rest of the table is asked for soon.
  owner.now += 100;
  owner.tick();
  EXPECT_EQ(owner.sent(2) + owner.sent(3), kSlotsQuestion);
}

TEST(ClientOfSlots, FollowsMovedToAServerThatItDidNotKnow) {
  Clustered owner;
  owner.connect_both();
  owner.command(Command::set("a", "1"), 1);
  owner.sent(3);
  owner.feed(3, "-MOVED 15495 [::5]:5\r\n");
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 4 [::5]:5"));
  owner.open(4);
  EXPECT_EQ(owner.sent(4), encoded({"SET", "a", "1"}));
  owner.command(Command::set("a", "2"), 2);
  EXPECT_EQ(owner.sent(4), encoded({"SET", "a", "2"}));
  owner.feed(4, "-MOVED 15495 :6\r\n");
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 5 [::5]:6"));
}

TEST(ClientOfSlots, AsksForOneAttemptOnly) {
  Clustered owner;
  owner.connect_both();
  owner.command(Command::set("a", "1"), 1);
  owner.command(Command::set("a", "2"), 2);
  owner.sent(3);
  EXPECT_THAT(owner.feed(3, "-ASK 15495 n1:1\r\n+OK\r\n"), ElementsAre("2 +\"OK\""));
  EXPECT_EQ(owner.sent(2), kAsking + encoded({"SET", "a", "1"}));
  owner.command(Command::get("a"), 3);
  EXPECT_EQ(owner.sent(3), encoded({"GET", "a"}));
  EXPECT_THAT(owner.feed(2, "+OK\r\n-TRYAGAIN later\r\n"), IsEmpty());
  owner.tick_at_deadline();
  EXPECT_EQ(owner.sent(3), encoded({"SET", "a", "1"}));
  EXPECT_EQ(owner.sent(2), "");
  // To a server that is not connected yet.
  EXPECT_THAT(owner.feed(3, "_\r\n-ASK 15495 n9:9\r\n"), ElementsAre("3 null"));
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 4 n9:9"));
  owner.open(4);
  EXPECT_EQ(owner.sent(4), kAsking + encoded({"SET", "a", "1"}));
  EXPECT_THAT(owner.feed(4, "+OK\r\n+OK\r\n"), ElementsAre("1 +\"OK\""));
  // It has no slots: the connection is not kept.
  owner.tick_at_deadline();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 4"));
}

TEST(ClientOfSlots, FollowsFiveRedirectsAndNotSix) {
  Clustered owner({.command_deadline = 100'000});
  owner.connect_both();
  const auto redirected = [&](int times) {
    owner.command(Command::set("a", "1"), 1);
    for (int i = 0; i < times; ++i) {
      for (int j = 0; owner.client.output(2).empty() && owner.client.output(3).empty(); ++j) {
        owner.tick_at_deadline();
        ASSERT_LT(j, 100);
      }
      const LinkId from = owner.client.output(2).empty() ? 3 : 2;
      const std::string sent = owner.sent(from);
      if (sent == kSlotsQuestion) {
        owner.feed(from, kTwoServers);
        --i;
        continue;
      }
      ASSERT_TRUE(sent.ends_with(encoded({"SET", "a", "1"}))) << sent;
      if (sent.starts_with(kSlotsQuestion)) owner.feed(from, kTwoServers);
      EXPECT_THAT(owner.feed(from, from == 2 ? "-MOVED 15495 n2:2\r\n" : "-MOVED 15495 n1:1\r\n"),
                  i < 5 ? Lines{} : Lines{"failed 1: too many redirects"});
    }
  };
  redirected(6);
  EXPECT_EQ(owner.client.usage().redirects, 6u);
}

TEST(ClientOfSlots, TriesAgainWhatTheServerCannotDoYet) {
  for (const std::string error :
       {"TRYAGAIN no", "CLUSTERDOWN no", "LOADING no", "MASTERDOWN no", "READONLY no"}) {
    Clustered owner;
    owner.connect_both();
    owner.command(Command::incr("a"), 1);
    owner.sent(3);
    EXPECT_THAT(owner.feed(3, "-" + error + "\r\n"), IsEmpty());
    std::string sent;
    while (!sent.ends_with(encoded({"INCR", "a"}))) {
      owner.tick_at_deadline();
      if (owner.sent(2) == kSlotsQuestion) owner.feed(2, kTwoServers);
      sent = owner.sent(3);
      if (sent == kSlotsQuestion) owner.feed(3, kTwoServers);
      ASSERT_LT(owner.now, 1'002'000u) << error;
    }
    if (sent.starts_with(kSlotsQuestion)) owner.feed(3, kTwoServers);
    EXPECT_THAT(owner.feed(3, ":1\r\n"), ElementsAre("1 :1")) << error;
  }
}

TEST(ClientOfSlots, ClosesOnAMalformedRedirect) {
  for (const std::string_view error :
       {"-MOVED __proto__ x:1\r\n", "-MOVED 16384 h:1\r\n", "-MOVED -1 h:1\r\n", "-ASK\r\n",
        "-MOVED 5\r\n", "-ASK 5 h\r\n", "-MOVED 5 h:0\r\n", "-MOVED 5 h:65536\r\n"}) {
    Clustered owner;
    owner.connect_both();
    owner.command(Command::set("a", "1"), 1);
    owner.sent(3);
    EXPECT_THAT(owner.feed(3, error), ElementsAre("failed 1: the connection broke, may have run"));
    EXPECT_THAT(owner.wishes(), ElementsAre("close 3")) << error;
    EXPECT_TRUE(owner.client.up());
  }
}

TEST(ClientOfSlots, ReadsTheTableAgainWhenAServerIsLost) {
  Clustered owner;
  owner.connect_both();
  owner.command(Command::get("a"), 1);
  owner.command(Command::set("a", "1"), 2);
  owner.now += 100;
  EXPECT_THAT(owner.lose(3), ElementsAre("failed 2: the connection broke, may have run"));
  EXPECT_EQ(owner.sent(2), kSlotsQuestion);
  owner.feed(2, "*1\r\n" + range(0, 16383, "n1", 1));
  EXPECT_EQ(owner.sent(2), encoded({"GET", "a"}));
  EXPECT_THAT(owner.feed(2, "_\r\n"), ElementsAre("1 null"));
}

TEST(ClientOfSlots, FindsTheClusterAgainWhenOneServerHasLeftAndTheRestIsLost) {
  Clustered owner;
  owner.connect_both();
  owner.now += 100;
  owner.lose(3);
  EXPECT_EQ(owner.sent(2), kSlotsQuestion);
  owner.feed(2, "*1\r\n" + range(0, 16383, "n1", 1));
  owner.tick();
  owner.lose(2);
  Lines tried;
  for (int i = 0; i < 8; ++i) {
    const Lines wishes = owner.next_wishes();
    ASSERT_THAT(wishes, SizeIs(1)) << i;
    tried.push_back(wishes[0]);
    owner.lose(static_cast<LinkId>(wishes[0][8] - '0'));
  }
  EXPECT_THAT(tried, ::testing::IsSupersetOf({"connect 0 seed1:6379", "connect 1 seed2:7"}));
  EXPECT_THAT(tried, ::testing::Not(::testing::Contains("connect 3 n2:2")));
}

TEST(ClientOfSlots, SaysThatItIsDownWhenTheLastServerIsLost) {
  Clustered owner;
  owner.connect_both();
  EXPECT_THAT(owner.lose(2), IsEmpty());
  EXPECT_THAT(owner.lose(3), ElementsAre("down: the connection broke"));
  EXPECT_FALSE(owner.client.up());
  EXPECT_EQ(owner.client.protocol(), 0);
}

TEST(ClientOfSlots, FailsFastForAServerThatRefusesIt) {
  Clustered owner;
  owner.read_table();
  owner.command(Command::get("a"), 1);
  EXPECT_THAT(owner.next_wishes(), ::testing::Contains("connect 3 n2:2"));
  EXPECT_THAT(owner.open(3, "-WRONGPASS no\r\n"),
              ::testing::Contains("failed 1: the server refuses us"));
  EXPECT_FALSE(owner.command(Command::get("a"), 2));
  EXPECT_TRUE(owner.command(Command::get("b"), 3));
}

TEST(ClientOfSlots, UsesTheNumbersOfLinksAgain) {
  Clustered owner;
  owner.connect_both();
  for (int server = 10; server < 60; ++server) {
    owner.now += 100;
    owner.command(Command::get("a"), 1);
    for (LinkId link = 0; link < owner.client.links(); ++link) {
      if (owner.client.output(link).empty()) continue;
      owner.sent(link);
      owner.feed(link, "-MOVED 15495 n" + std::to_string(server) + ":1\r\n");
      break;
    }
    for (int i = 0; i < 50 && owner.client.queued_commands() > 0; ++i) {
      for (const std::string& wish : owner.wishes()) {
        if (wish.starts_with("connect "))
          owner.open(static_cast<LinkId>(std::stoul(wish.substr(8))));
      }
      for (LinkId link = 0; link < owner.client.links(); ++link) {
        const std::string sent = owner.sent(link);
        if (sent.contains("SLOTS")) {
          owner.feed(link, "*2\r\n" + range(0, 8191, "n1", 1) +
                               range(8192, 16383, "n" + std::to_string(server), 1));
        }
        if (sent.contains("GET")) owner.feed(link, "_\r\n");
      }
      owner.tick_at_deadline();
    }
    ASSERT_EQ(owner.client.queued_commands(), 0u) << server;
  }
  EXPECT_LE(owner.client.links(), 8u);
}

TEST(ClientOfSlots, ReleasesTheLinksOfServersThatItNeverReached) {
  Clustered owner;
  owner.read_table("*1\r\n" + range(0, 8191, "n1", 1));
  for (int i = 0; i < 6; ++i) {
    std::string table = "*1000\r\n";
    for (int server = 0; server < 1000; ++server) {
      table += range(server, server, "h" + std::to_string(i) + "." + std::to_string(server), 1);
    }
    // Somebody asks for a slot that nobody has.
    owner.command(Command::get("a"), 1);
    owner.now += 100;
    owner.tick();
    ASSERT_EQ(owner.sent(0), kSlotsQuestion) << i;
    owner.client.cancel(1);
    EXPECT_THAT(owner.feed(0, table), IsEmpty());
  }
  EXPECT_LE(owner.client.links(), 2064u);
}

TEST(ClientOfSlots, ReleasesThemAlsoWhenOneTableFollowsTheOtherBeforeTheTimer) {
  Clustered owner;
  owner.read_table("*1\r\n" + range(0, 8191, "n1", 1));
  for (int i = 0; i < 4; ++i) {
    std::string table = "*1000\r\n";
    for (int server = 0; server < 1000; ++server) {
      table += range(server, server, "h" + std::to_string(i) + "." + std::to_string(server), 1);
    }
    owner.now += 100;
    owner.command(Command::ping(), 1);
    owner.sent(0);
    owner.feed(0, "-MOVED 1 n1:1\r\n");
    owner.client.cancel(1);
    ASSERT_EQ(owner.sent(0), kSlotsQuestion) << i;
    EXPECT_THAT(owner.feed(0, table), IsEmpty());
    EXPECT_THAT(owner.wishes(), IsEmpty()) << i;
  }
}

// Servers that exist for nothing but to be asked for one attempt.
TEST(ClientOfSlots, HasNoMoreLinksThanTheLimitHoweverManyServersAreNamed) {
  Clustered owner({.command_deadline = 100'000'000, .ping_after = 100'000'000});
  owner.connect_both();
  int refused = 0;
  for (int server = 0; server < 2100; ++server) {
    ASSERT_TRUE(owner.command(Command::set("a", "1"), 1)) << server;
    owner.sent(3);
    const Lines events = owner.feed(3, "-ASK 15495 h" + std::to_string(server) + ":1\r\n");
    refused += !events.empty();
    ASSERT_THAT(events, ::testing::AnyOf(Lines{}, Lines{"failed 1: too many redirects"}));
  }
  EXPECT_EQ(owner.client.links(), 2064u);
  EXPECT_EQ(refused, 2100 - (2064 - 4));
  // What is known goes on.
  EXPECT_TRUE(owner.command(Command::get("b"), 2));
  EXPECT_EQ(owner.sent(2), encoded({"GET", "b"}));
  EXPECT_THAT(owner.feed(2, "_\r\n"), ElementsAre("2 null"));
  owner.command(Command::set("a", "1"), 3);
  owner.sent(3);
  EXPECT_THAT(owner.feed(3, "-MOVED 15495 more:1\r\n"), IsEmpty());
  EXPECT_EQ(owner.sent(3), encoded({"SET", "a", "1"}));
  // A table with a server for which there is no room is no better than one that cannot be read.
  owner.now += 100;
  owner.tick();
  owner.wishes();
  ASSERT_EQ(owner.sent(2), kSlotsQuestion);
  owner.feed(2, "*1\r\n" + range(0, 16383, "more", 1));
  EXPECT_THAT(owner.wishes(), ElementsAre("close 2"));
  // The place of one that nobody waits for any more is another's.
  owner.client.cancel(1);
  owner.lose(4);
  owner.tick();
  EXPECT_THAT(owner.feed(3, "-ASK 15495 more:1\r\n"), IsEmpty());
  EXPECT_EQ(owner.client.links(), 2064u);
}

TEST(ClientOfSlots, ForgetsWhereToAskOnceThatLinkIsReleased) {
  Clustered owner({.command_deadline = 100'000, .ping_after = 100'000});
  owner.connect_both();
  owner.command(Command::set("a", "1"), 1);
  owner.sent(3);
  // The third redirect is followed after a pause. The server that it names has no slots.
  owner.feed(3, "-ASK 15495 n9:9\r\n");
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 4 n9:9"));
  owner.open(4);
  owner.sent(4);
  owner.feed(4, "+OK\r\n-ASK 15495 n1:1\r\n");
  owner.sent(2);
  owner.feed(2, "+OK\r\n-ASK 15495 n9:9\r\n");
  owner.tick();
  EXPECT_THAT(owner.wishes(), ElementsAre("close 4"));
  // Another takes the number of its link.
  owner.command(Command::set("{a}", "2"), 2);
  owner.sent(3);
  owner.feed(3, "-MOVED 15495 n8:8\r\n");
  EXPECT_THAT(owner.next_wishes(), ElementsAre("connect 4 n8:8"));
  owner.now += 400;
  owner.tick();
  owner.open(4);
  EXPECT_EQ(owner.sent(4), encoded({"SET", "a", "1"}) + encoded({"SET", "{a}", "2"}));
}

// ---- Shard channels ----

TEST(ClientOfSlots, SubscribesToShardChannelsWhereTheirSlotsAre) {
  Clustered owner;
  owner.connect_both();
  ASSERT_TRUE(owner.subscribe("a", ChannelKind::kShard));
  ASSERT_TRUE(owner.subscribe("{a}x", ChannelKind::kShard));
  ASSERT_TRUE(owner.subscribe("{a}y", ChannelKind::kShard));
  ASSERT_TRUE(owner.subscribe("foo", ChannelKind::kShard));
  ASSERT_TRUE(owner.subscribe("b", ChannelKind::kShard));
  EXPECT_EQ(owner.sent(3), encoded({"SSUBSCRIBE", "a"}) + encoded({"PING", "1"}));
  EXPECT_EQ(owner.sent(2), encoded({"SSUBSCRIBE", "b"}) + encoded({"PING", "1"}));
  EXPECT_THAT(owner.feed(3, array({"ssubscribe", "a", ":1"}, '>') + bulk("1")),
              ElementsAre("subscribed a"));
  // A command for each slot.
  EXPECT_EQ(owner.sent(3), encoded({"SSUBSCRIBE", "foo"}) +
                               encoded({"SSUBSCRIBE", "{a}x", "{a}y"}) + encoded({"PING", "2"}));
  EXPECT_THAT(owner.feed(3, array({"ssubscribe", "foo", ":1"}, '>') + "-NOPERM no\r\n" + bulk("2")),
              ElementsAre("subscribed foo", "refused {a}x: NOPERM no", "refused {a}y: NOPERM no"));
}

TEST(ClientOfSlots, FollowsAShardChannelWhoseSlotMovesAway) {
  Clustered owner;
  owner.connect_both();
  owner.subscribe("a", ChannelKind::kShard);
  owner.sent(3);
  owner.feed(3, array({"ssubscribe", "a", ":1"}, '>') + bulk("1"));
  EXPECT_THAT(owner.feed(3, array({"sunsubscribe", "a", ":0"}, '>')), IsEmpty());
  EXPECT_EQ(owner.sent(3), encoded({"SSUBSCRIBE", "a"}) + encoded({"PING", "2"}));
  owner.feed(3, "-MOVED 15495 n1:1\r\n" + bulk("2"));
  while (owner.client.output(2).empty() || owner.client.output(2).text() == kSlotsQuestion) {
    if (owner.sent(2) == kSlotsQuestion) {
      owner.feed(2, "*1\r\n" + range(0, 16383, "n1", 1));
      continue;
    }
    if (owner.sent(3) == kSlotsQuestion) owner.feed(3, "*1\r\n" + range(0, 16383, "n1", 1));
    owner.tick_at_deadline();
  }
  EXPECT_TRUE(owner.sent(2).ends_with(encoded({"SSUBSCRIBE", "a"}) + encoded({"PING", "1"})));
  EXPECT_THAT(owner.feed(2, array({"ssubscribe", "a", ":1"}, '>')), ElementsAre("subscribed a"));
}

TEST(ClientOfSlots, ClosesOnAMalformedRedirectOfASubscription) {
  Clustered owner;
  owner.connect_both();
  owner.subscribe("a", ChannelKind::kShard);
  owner.sent(3);
  owner.feed(3, "-MOVED 16384 n1:1\r\n");
  EXPECT_THAT(owner.wishes(), ElementsAre("close 3"));
}

TEST(ClientOfSlots, WaitsWithASubscriptionForASlotThatNobodyHas) {
  Clustered owner;
  owner.read_table("*1\r\n" + range(0, 8191, "n1", 1));
  ASSERT_TRUE(owner.subscribe("a", ChannelKind::kShard));
  while (owner.client.output(0).empty() && owner.client.output(2).empty()) {
    owner.tick_at_deadline();
    for (const std::string& wish : owner.wishes()) {
      if (wish == "connect 2 n1:1") owner.open(2);
    }
  }
  const LinkId asked = owner.client.output(0).empty() ? 2 : 0;
  EXPECT_EQ(owner.sent(asked), kSlotsQuestion);
  owner.feed(asked, kTwoServers);
  EXPECT_THAT(owner.next_wishes(), ::testing::Contains("connect 3 n2:2"));
  owner.open(3);
  EXPECT_EQ(owner.sent(3), encoded({"SSUBSCRIBE", "a"}) + encoded({"PING", "1"}));
}

TEST(ClientOfSlots, ProbesOnTheServerOfTheChannel) {
  Clustered owner({.probe_channel = "p:", .probe_interval = 100});
  owner.connect_both();
  owner.subscribe("hg:c:{a}", ChannelKind::kShard);
  owner.sent(3);
  owner.feed(3, array({"ssubscribe", "hg:c:{a}", ":1"}, '>') + bulk("1"));
  EXPECT_EQ(owner.sent(3), encoded({"SSUBSCRIBE", "p:{a}"}) + encoded({"PING", "2"}));
  owner.feed(3, array({"ssubscribe", "p:{a}", ":1"}, '>') + bulk("2"));
  owner.tick();
  EXPECT_EQ(owner.sent(3), encoded({"SPUBLISH", "p:{a}", "1"}));
  // On another server, one of its own; and none for a channel that no name can stand beside.
  owner.subscribe("b}", ChannelKind::kShard);
  owner.subscribe("b", ChannelKind::kShard);
  const LinkId odd = key_slot("b}") < 8192 ? 2 : 3;
  owner.sent(odd);
  owner.feed(odd, array({"ssubscribe", "b}", ":1"}, '>') + bulk(odd == 2 ? "1" : "3"));
  EXPECT_EQ(owner.client.output(odd).text().find("p:{b}}"), std::string_view::npos);
}

}  // namespace
}  // namespace heliograph::resp
