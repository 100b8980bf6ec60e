// The words of topology: slots, redirects, and what Sentinels say.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/cluster.hpp"
#include "resp/redirect.hpp"
#include "resp/sentinel.hpp"
#include "tests/resp/parsed.hpp"

namespace heliograph::resp {
namespace {

std::string error(std::string_view text) {
  return "-" + std::string(text) + "\r\n";
}

TEST(KeySlot, IsThatOfTheSpecification) {
  EXPECT_EQ(key_slot("123456789"), 0x31c3);
  EXPECT_EQ(key_slot("foo"), 12182);
  EXPECT_EQ(key_slot("user1"), 8106);
  EXPECT_EQ(key_slot("hg:u:{user1}"), 8106);
  EXPECT_EQ(key_slot("foo{}{bar}"), 8363);
  EXPECT_EQ(key_slot("foo{{bar}}zap"), 4015);
  EXPECT_EQ(key_slot("foo{bar}{zap}"), key_slot("bar"));
  EXPECT_EQ(key_slot("{user1000}.following"), key_slot("{user1000}.followers"));
  EXPECT_EQ(key_slot(""), 0);
  EXPECT_NE(key_slot("{a"), key_slot("a"));
  EXPECT_NE(key_slot("}a{b}"), key_slot("a"));
  EXPECT_EQ(key_slot("}a{b}"), key_slot("b"));
}

TEST(Redirect, IsReadFromTheErrorsThatAreOne) {
  struct Case {
    std::string_view text;
    Redirect::Kind kind;
    std::uint16_t slot;
    std::string_view host;
    std::uint16_t port;
  };
  const std::vector<Case> cases = {
      {"MOVED 3999 127.0.0.1:6381", Redirect::Kind::kMoved, 3999, "127.0.0.1", 6381},
      {"MOVED 0 h:1", Redirect::Kind::kMoved, 0, "h", 1},
      {"MOVED 16383 h:65535", Redirect::Kind::kMoved, 16383, "h", 65535},
      {"MOVED 5 :7000", Redirect::Kind::kMoved, 5, "", 7000},
      {"MOVED 5 ?:7000", Redirect::Kind::kMoved, 5, "", 7000},
      {"MOVED 5 ::1:7000", Redirect::Kind::kMoved, 5, "::1", 7000},
      {"MOVED 5 [::1]:7000", Redirect::Kind::kMoved, 5, "::1", 7000},
      {"ASK 7 redis-7.example:6379", Redirect::Kind::kAsk, 7, "redis-7.example", 6379},
      {"TRYAGAIN Multiple keys", Redirect::Kind::kTryAgain, 0, "", 0},
      {"CLUSTERDOWN Hash slot not served", Redirect::Kind::kClusterDown, 0, "", 0},
      {"LOADING Redis is loading", Redirect::Kind::kLoading, 0, "", 0},
      {"READONLY You can't write", Redirect::Kind::kReadOnly, 0, "", 0},
      {"MASTERDOWN Link with MASTER is down", Redirect::Kind::kMasterDown, 0, "", 0}};
  for (const auto& [text, kind, slot, host, port] : cases) {
    const Parsed parsed(error(text));
    const auto redirect = parse_redirect(*parsed);
    ASSERT_TRUE(redirect && *redirect) << text;
    EXPECT_EQ((*redirect)->kind, kind) << text;
    EXPECT_EQ((*redirect)->slot, slot) << text;
    EXPECT_EQ((*redirect)->host, host) << text;
    EXPECT_EQ((*redirect)->port, port) << text;
  }
}

TEST(Redirect, IsNotReadFromOtherReplies) {
  for (const std::string& stream :
       {error("ERR no"), error(""), error("MOVEDX 1 h:1"), error("moved 1 h:1"),
        error("CROSSSLOT Keys"), std::string("+MOVED 1 h:1\r\n"), std::string("_\r\n")}) {
    const Parsed parsed(stream);
    const auto redirect = parse_redirect(*parsed);
    ASSERT_TRUE(redirect) << stream;
    EXPECT_FALSE(*redirect) << stream;
  }
}

TEST(Redirect, IsMalformedWithoutASlotOrAnAddress) {
  for (const std::string text : {"MOVED",           "MOVED ",
                                 "MOVED 5",         "MOVED 5 ",
                                 "MOVED  5 h:1",    "MOVED __proto__ x:1",
                                 "MOVED 16384 h:1", "MOVED 65536 h:1",
                                 "MOVED -1 h:1",    "MOVED +1 h:1",
                                 "MOVED 5x h:1",    "MOVED 5 h",
                                 "MOVED 5 h:",      "MOVED 5 h:0",
                                 "MOVED 5 h:65536", "MOVED 5 h:1x",
                                 "MOVED 5 :",       "MOVED 5 h h:1",
                                 "MOVED 5 h:1 ",    "ASK",
                                 "ASK 5",           "ASK 99999 h:1",
                                 "ASK x h:1"}) {
    const Parsed parsed(error(text));
    const auto redirect = parse_redirect(*parsed);
    ASSERT_FALSE(redirect) << text;
    EXPECT_EQ(redirect.error(), Error::kBadRedirect) << text;
  }
  const Parsed long_host(error("MOVED 5 " + std::string(255, 'h') + ":1"));
  EXPECT_TRUE(parse_redirect(*long_host));
  const Parsed longer_host(error("MOVED 5 " + std::string(256, 'h') + ":1"));
  EXPECT_FALSE(parse_redirect(*longer_host));
}

TEST(SlotTable, TakesServersUpToTheLimitAndRefusesOneMore) {
  const auto table_of = [](std::size_t servers) {
    std::string stream = "*" + std::to_string(servers) + "\r\n";
    for (std::size_t i = 0; i < servers; ++i) {
      const std::string number = std::to_string(i);
      stream += "*3\r\n:" + number + "\r\n:" + number +
                "\r\n*2\r\n+h\r\n:" + std::to_string(i + 1) + "\r\n";
    }
    return stream;
  };
  SlotTable table;
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.owner(5), SlotTable::kNoNode);
  ASSERT_TRUE(table.read(*Parsed(table_of(SlotTable::kMostNodes)), "a"));
  EXPECT_EQ(table.owner(5), 5);
  EXPECT_EQ(table.owner(16383), SlotTable::kNoNode);
  EXPECT_FALSE(table.read(*Parsed(table_of(SlotTable::kMostNodes + 1)), "a"));
  EXPECT_EQ(table.nodes().size(), SlotTable::kMostNodes);
  EXPECT_TRUE(table.move(16383, {.host = "h", .port = 7}));
  EXPECT_EQ(table.owner(16383), 6);
  EXPECT_FALSE(table.move(16383, {.host = "other", .port = 7}));
  EXPECT_EQ(table.owner(16383), 6);
}

TEST(SlotTable, RefusesRangesThatOverlap) {
  const auto two_ranges = [](int last, int first) {
    return "*2\r\n*3\r\n:0\r\n:" + std::to_string(last) +
           "\r\n*2\r\n+h\r\n:1\r\n*3\r\n:" + std::to_string(first) +
           "\r\n:16383\r\n*2\r\n+h\r\n:2\r\n";
  };
  SlotTable table;
  ASSERT_TRUE(table.read(*Parsed(two_ranges(99, 100)), "a"));
  for (const auto& [last, first] : {std::pair(100, 100), std::pair(16383, 0)}) {
    const auto read = table.read(*Parsed(two_ranges(last, first)), "a");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), Error::kBadTopology);
  }
  EXPECT_EQ(table.owner(99), 0);
  EXPECT_EQ(table.owner(100), 1);
}

TEST(SlotTable, TakesMetadataAndReplicasForWhatTheyAre) {
  SlotTable table;
  ASSERT_TRUE(table.read(
      *Parsed("*1\r\n*4\r\n:0\r\n:16383\r\n*4\r\n+m\r\n:1\r\n+id\r\n%1\r\n+hostname\r\n+x\r\n"
              "*4\r\n+r\r\n:2\r\n+id\r\n*0\r\n"),
      "a"));
  ASSERT_EQ(table.nodes().size(), 1u);
  EXPECT_EQ(to_text(table.nodes()[0]), "m:1");
  EXPECT_TRUE(SlotTable().move(3, {.host = "h"}));
}

TEST(Sentinel, ReadsRoles) {
  EXPECT_EQ(read_role(*Parsed("*1\r\n$6\r\nmaster\r\n")), Role::kMaster);
  EXPECT_EQ(read_role(*Parsed("*2\r\n$5\r\nslave\r\n+h\r\n")), Role::kReplica);
  for (const std::string_view other :
       {"*1\r\n$8\r\nsentinel\r\n", "*0\r\n", "-NOPERM no\r\n", "+master\r\n", "_\r\n"}) {
    EXPECT_EQ(read_role(*Parsed(other)), Role::kOther) << other;
  }
}

}  // namespace
}  // namespace heliograph::resp
