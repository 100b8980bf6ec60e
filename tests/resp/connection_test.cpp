#include "resp/connection.hpp"

#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

constexpr std::string_view kHelloReply =
    "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n";

std::string describe_event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kNeedMore:
      return "need more";
    case Event::Kind::kReady:
      return "ready";
    case Event::Kind::kReply:
      return "reply " + std::to_string(event.token) + " " + to_text(event.reply);
    case Event::Kind::kPush:
      return "push " + to_text(event.reply);
    case Event::Kind::kRefused:
      return "refused " + to_text(event.reply);
    case Event::Kind::kFailed:
      return "failed " + std::to_string(event.token) + (event.may_have_run ? " may have run" : "");
    case Event::Kind::kSubscriptionError:
      return "subscription error " + to_text(event.reply);
    case Event::Kind::kSubscriptionsDone:
      return "subscriptions done";
  }
  return "?";
}

std::string encoded(std::initializer_list<std::string_view> arguments) {
  Buffer output;
  encode(arguments, output);
  return std::string(output.text());
}

// A connection, a clock and the bytes for the server.
struct Client {
  explicit Client(Options options = {}, std::uint64_t seed = 1)
      : connection(std::move(options), seed) {}

  // Lets the time of the next attempt come, and connects.
  void open() {
    now = std::max(now, connection.deadline());
    ASSERT_EQ(connection.on_timer(now, output), Action::kConnect);
    connection.opened(now, output);
  }
  void become_ready() {
    open();
    sent();
    EXPECT_THAT(feed(kHelloReply), ElementsAre("ready"));
  }
  bool command(std::initializer_list<std::string_view> arguments, Token token) {
    return connection.command(arguments, token, now, output);
  }
  Lines feed(std::string_view text) {
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    MutableBytes input = bytes;
    Lines lines;
    while (true) {
      const auto event = connection.receive(input, now, output);
      if (!event) {
        lines.push_back("error " + std::string(describe(event.error())));
        break;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      lines.push_back(describe_event(*event));
    }
    EXPECT_TRUE(input.empty());
    return lines;
  }
  // What was written since the last call.
  std::string sent() {
    std::string text(output.text());
    output.clear();
    return text;
  }
  Lines failures() {
    Lines lines;
    while (const auto failure = connection.next_failure())
      lines.push_back(describe_event(*failure));
    return lines;
  }
  Lines lose() {
    connection.lost(now);
    output.clear();
    return failures();
  }

  Connection connection;
  Milliseconds now = 1'000'000;
  Buffer output;
};

// ---- Handshake ----

TEST(Connection, AsksToConnectAtOnce) {
  Client client;
  EXPECT_LE(client.connection.deadline(), client.now);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kConnect);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
}

TEST(Connection, SendsHelloAloneFirst) {
  Client client({.user = "u", .password = "p", .client_name = "node", .database = 3});
  EXPECT_TRUE(client.command({"GET", "k"}, 1));
  client.open();
  EXPECT_EQ(client.sent(), encoded({"HELLO", "3", "AUTH", "u", "p", "SETNAME", "node"}));
  EXPECT_THAT(client.feed(kHelloReply), IsEmpty());
  EXPECT_EQ(client.sent(), encoded({"SELECT", "3"}));
  EXPECT_THAT(client.feed("+OK\r\n"), ElementsAre("ready"));
  EXPECT_EQ(client.sent(), encoded({"GET", "k"}));
  EXPECT_EQ(client.connection.protocol(), 3);
}

TEST(Connection, LeavesOutOfHelloWhatIsNotConfigured) {
  Client plain;
  plain.open();
  EXPECT_EQ(plain.sent(), encoded({"HELLO", "3"}));
  Client password({.password = "p"});
  password.open();
  EXPECT_EQ(password.sent(), encoded({"HELLO", "3", "AUTH", "default", "p"}));
}

TEST(Connection, FallsBackToResp2OnAServerWithoutHello) {
  for (const std::string_view refusal :
       {"-ERR unknown command 'HELLO'\r\n", "-ERR unknown command `HELLO`, with args\r\n",
        "-err Unknown Command\r\n", "-NOPROTO unsupported protocol version\r\n",
        "-NOPERM this user has no permissions to run the 'hello' command\r\n"}) {
    Client client({.user = "u", .password = "p", .client_name = "node", .database = 3});
    client.open();
    client.sent();
    EXPECT_THAT(client.feed(refusal), IsEmpty()) << refusal;
    EXPECT_EQ(client.sent(), encoded({"AUTH", "u", "p"}));
    EXPECT_THAT(client.feed("+OK\r\n"), IsEmpty());
    EXPECT_EQ(client.sent(), encoded({"CLIENT", "SETNAME", "node"}));
    EXPECT_THAT(client.feed("+OK\r\n"), IsEmpty());
    EXPECT_EQ(client.sent(), encoded({"SELECT", "3"}));
    EXPECT_THAT(client.feed("+OK\r\n"), ElementsAre("ready"));
    EXPECT_EQ(client.connection.protocol(), 2);
  }
}

TEST(Connection, FallsBackToResp2WithThePasswordAlone) {
  Client client({.password = "p"});
  client.open();
  client.sent();
  client.feed("-NOPROTO\r\n");
  EXPECT_EQ(client.sent(), encoded({"AUTH", "p"}));
  Client plain;
  plain.open();
  plain.sent();
  EXPECT_THAT(plain.feed("-NOPROTO\r\n"), ElementsAre("ready"));
  EXPECT_EQ(plain.sent(), "");
}

TEST(Connection, ReportsARefusedHandshakeAndFailsFast) {
  for (const std::string_view refusal :
       {"-WRONGPASS invalid pair\r\n", "-NOAUTH HELLO must be called\r\n",
        "-LOADING Redis is loading\r\n", "-ERR max number of clients reached\r\n"}) {
    Client client({.password = "secret"});
    EXPECT_TRUE(client.command({"GET", "k"}, 1));
    client.open();
    client.sent();
    const std::string text(refusal.substr(1, refusal.size() - 3));
    EXPECT_THAT(client.feed(refusal), ElementsAre("refused -\"" + text + "\""));
    EXPECT_EQ(client.connection.refusal(), text);
    EXPECT_THAT(client.failures(), ElementsAre("failed 1"));
    EXPECT_FALSE(client.command({"GET", "k"}, 2));
    EXPECT_GE(client.connection.deadline(), client.now + 1000);
    client.become_ready();
    EXPECT_EQ(client.connection.refusal(), "");
    EXPECT_TRUE(client.command({"GET", "k"}, 3));
  }
}

TEST(Connection, ReportsARefusalAtEveryStepOfTheHandshake) {
  Client client({.password = "p", .client_name = "n", .database = 3});
  client.open();
  client.feed("-NOPROTO\r\n");
  EXPECT_THAT(client.feed("-NOPERM no auth\r\n"), ElementsAre("refused -\"NOPERM no auth\""));
  client.open();
  client.feed(kHelloReply);
  EXPECT_THAT(client.feed("-ERR DB index is out of range\r\n"),
              ElementsAre("refused -\"ERR DB index is out of range\""));
}

TEST(Connection, KeepsThePasswordOutOfTheRefusal) {
  for (const auto& [text, kept] : std::vector<std::pair<std::string, std::string>>{
           {"ERR unknown command `AUTH`, with args beginning with: `secret`, ",
            "ERR unknown command `AUTH`"},
           {"ERR unknown command `AUTH`, with args beginning with: `sec",
            "ERR unknown command `AUTH`"},
           {"ERR unknown command 'AUTH' with args 'sec", "ERR unknown command 'AUTH'"},
           {"WRONGPASS secret is wrong", "the server refuses the handshake"},
           {"with args secret", "the server refuses the handshake"},
           {"WRONGPASS wrong", "WRONGPASS wrong"}}) {
    Client client({.password = "secret"});
    client.open();
    client.feed("-NOPROTO\r\n");
    client.feed("-" + text + "\r\n");
    EXPECT_EQ(client.connection.refusal(), kept);
  }
}

TEST(Connection, ClosesOnAHandshakeReplyThatIsNoneOfRedis) {
  const std::string_view wrong = "error a reply of a type that its command does not have";
  for (const std::string_view reply : {"+OK\r\n", "$-1\r\n", ":3\r\n", "*2\r\n+proto\r\n:3\r\n",
                                       "%0\r\n", "%1\r\n+proto\r\n:2\r\n"}) {
    Client client;
    client.command({"GET", "k"}, 1);
    client.open();
    EXPECT_THAT(client.feed(reply), ElementsAre(wrong)) << reply;
    EXPECT_FALSE(client.connection.ready());
  }
  for (const std::string_view reply : {"+QUEUED\r\n", "_\r\n", "%0\r\n", ":1\r\n"}) {
    Client client({.database = 3});
    client.open();
    client.feed(kHelloReply);
    EXPECT_THAT(client.feed(reply), ElementsAre(wrong)) << reply;
  }
}

TEST(Connection, DoesNotStormAServerThatRefusesIt) {
  Client client({.password = "wrong"});
  const Milliseconds until = client.now + 60'000;
  int attempts = 0;
  while (client.now < until) {
    client.open();
    client.feed("-WRONGPASS invalid pair\r\n");
    ++attempts;
  }
  EXPECT_GE(attempts, 5);
  EXPECT_LE(attempts, 60);
}

TEST(Connection, GivesUpAHandshakeThatTakesTooLong) {
  Client client({.setup_deadline = 5000});
  client.open();
  client.now += 4999;
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
  client.now += 1;
  EXPECT_EQ(client.connection.deadline(), client.now);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kClose);
  EXPECT_THAT(client.feed(kHelloReply), IsEmpty());
  EXPECT_FALSE(client.connection.ready());
}

// ---- Commands and replies ----

TEST(Connection, PairsRepliesWithCommandsInOrder) {
  Client client;
  client.become_ready();
  EXPECT_TRUE(client.command({"SET", "a", "1"}, 11));
  EXPECT_TRUE(client.command({"GET", "a"}, 12));
  EXPECT_TRUE(client.command({"SCAN", "0"}, 13));
  EXPECT_EQ(client.sent(),
            encoded({"SET", "a", "1"}) + encoded({"GET", "a"}) + encoded({"SCAN", "0"}));
  EXPECT_THAT(client.feed("+OK\r\n$1\r\n1\r\n-ERR no\r\n"),
              ElementsAre("reply 11 +\"OK\"", "reply 12 \"1\"", "reply 13 -\"ERR no\""));
  EXPECT_EQ(client.connection.queued_commands(), 0u);
  EXPECT_EQ(client.connection.queued_bytes(), 0u);
}

TEST(Connection, GivesTheSameEventsWhenRepliesArriveByteByByte) {
  Client whole;
  Client bytewise;
  const std::string stream = std::string(kHelloReply) + "+OK\r\n>1\r\n+p\r\n$1\r\n1\r\n";
  Lines events;
  for (Client* const client : {&whole, &bytewise}) {
    client->command({"GET", "a"}, 1);
    client->command({"GET", "b"}, 2);
    client->open();
  }
  for (const char& c : stream) {
    for (std::string& line : bytewise.feed({&c, 1})) events.push_back(std::move(line));
  }
  EXPECT_EQ(whole.feed(stream), events);
  EXPECT_THAT(events, ElementsAre("ready", "reply 1 +\"OK\"", "push >[+\"p\"]", "reply 2 \"1\""));
}

TEST(Connection, SurfacesPushesWithoutShiftingReplies) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.command({"GET", "b"}, 2);
  EXPECT_THAT(client.feed(">2\r\n+invalidate\r\n_\r\n+A\r\n>1\r\n+x\r\n>1\r\n+y\r\n+B\r\n"),
              ElementsAre("push >[+\"invalidate\", null]", "reply 1 +\"A\"", "push >[+\"x\"]",
                          "push >[+\"y\"]", "reply 2 +\"B\""));
}

TEST(Connection, KeepsAttributesWithTheReplyThatTheyDescribe) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.command({"GET", "b"}, 2);
  EXPECT_THAT(client.feed("|1\r\n+k\r\n:1\r\n+A\r\n+B\r\n"),
              ElementsAre("reply 1 |[+\"k\", :1] +\"A\"", "reply 2 +\"B\""));
}

TEST(Connection, ClosesOnAReplyThatNoCommandAskedFor) {
  for (const std::string_view stray : {"+OK\r\n", ":7\r\n", "-ERR\r\n"}) {
    Client client;
    client.become_ready();
    EXPECT_THAT(client.feed(stray), ElementsAre("error a reply that no command asked for"));
    EXPECT_FALSE(client.connection.ready());
    EXPECT_THAT(client.feed("+OK\r\n"), IsEmpty());
  }
}

TEST(Connection, FailsEveryPendingCommandAfterAProtocolError) {
  Client client;
  client.become_ready();
  client.command({"SET", "a", "1"}, 1);
  client.command({"SET", "b", "1"}, 2);
  EXPECT_THAT(client.feed("+OK\r\n$x\r\n+OK\r\n"),
              ElementsAre("reply 1 +\"OK\"", "error a malformed length"));
  EXPECT_THAT(client.failures(), ElementsAre("failed 2 may have run"));
  EXPECT_THAT(client.feed("+OK\r\n"), IsEmpty());
  client.become_ready();
}

TEST(Connection, RefusesCommandsThatAreNotAnsweredByOneReply) {
  Client client;
  client.become_ready();
  for (const std::string_view name :
       {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
        "MONITOR", "HELLO", "RESET", "QUIT", "SYNC", "PSYNC", "subscribe", "Monitor"}) {
    EXPECT_FALSE(client.command({name}, 1)) << name;
  }
  EXPECT_FALSE(client.command({"CLIENT", "reply", "OFF"}, 1));
  EXPECT_FALSE(client.command({}, 1));
  EXPECT_EQ(client.sent(), "");
  EXPECT_TRUE(client.command({"CLIENT", "ID"}, 1));
}

TEST(Connection, LetsOnlyReadsWaitForTheConnection) {
  Client client;
  EXPECT_TRUE(client.command({"GET", "a"}, 1));
  EXPECT_FALSE(client.command({"SET", "a", "1"}, 2));
  client.open();
  EXPECT_TRUE(client.command({"hget", "a", "f"}, 3));
  EXPECT_FALSE(client.command({"DEL", "a"}, 4));
  client.sent();
  client.feed(kHelloReply);
  EXPECT_EQ(client.sent(), encoded({"GET", "a"}) + encoded({"hget", "a", "f"}));
  EXPECT_THAT(client.feed("+1\r\n+2\r\n"), ElementsAre("reply 1 +\"1\"", "reply 3 +\"2\""));
}

TEST(Connection, AcceptsCommandsUpToTheLimitOfTheQueueAndRefusesOneMore) {
  Client client;
  client.become_ready();
  for (Token token = 0; token < 4096; ++token) {
    ASSERT_TRUE(client.command({"SET", "k", "v"}, token));
  }
  EXPECT_FALSE(client.command({"SET", "k", "v"}, 4096));
  client.feed("+OK\r\n");
  EXPECT_TRUE(client.command({"SET", "k", "v"}, 4097));
  EXPECT_FALSE(client.command({"SET", "k", "v"}, 4098));
}

TEST(Connection, AcceptsBytesUpToTheLimitOfTheQueueAndRefusesOneMore) {
  const std::string command = encoded({"GET", "0123456789"});
  for (const bool ready : {false, true}) {
    Client client({.queue_bytes = 2 * command.size()});
    if (ready) client.become_ready();
    EXPECT_TRUE(client.command({"GET", "0123456789"}, 1));
    EXPECT_FALSE(client.command({"GET", "0123456789a"}, 2));
    EXPECT_TRUE(client.command({"GET", "0123456789"}, 3));
    EXPECT_EQ(client.connection.queued_bytes(), 2 * command.size());
    EXPECT_FALSE(client.command({"GET", ""}, 4));
  }
}

// ---- Deadlines ----

TEST(Connection, FailsALateCommandAndClosesSoThatItsReplyReachesNoOther) {
  Client client;
  client.become_ready();
  client.command({"SET", "key1", "v"}, 1);
  client.now += 1999;
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
  client.now += 1;
  EXPECT_EQ(client.connection.deadline(), client.now);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kClose);
  EXPECT_THAT(client.failures(), ElementsAre("failed 1 may have run"));
  EXPECT_TRUE(client.command({"GET", "key2"}, 2));
  EXPECT_THAT(client.feed("$6\r\nvalue1\r\n"), IsEmpty());
  client.become_ready();
  EXPECT_THAT(client.feed("$6\r\nvalue2\r\n"), ElementsAre("reply 2 \"value2\""));
}

TEST(Connection, FailsACommandThatWaitsForAConnectionTooLong) {
  Client client;
  client.open();
  client.command({"GET", "a"}, 1);
  client.now += 2000;
  EXPECT_EQ(client.connection.deadline(), client.now);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
  EXPECT_THAT(client.failures(), ElementsAre("failed 1"));
  client.sent();
  EXPECT_THAT(client.feed(kHelloReply), ElementsAre("ready"));
  EXPECT_EQ(client.sent(), "");
}

TEST(Connection, PingsAfterSilenceAndSwallowsTheAnswer) {
  Client client;
  client.become_ready();
  client.sent();
  client.now += 1999;
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
  EXPECT_EQ(client.sent(), "");
  client.now += 1;
  EXPECT_EQ(client.connection.deadline(), client.now);
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kNothing);
  EXPECT_EQ(client.sent(), encoded({"PING"}));
  client.command({"GET", "a"}, 1);
  EXPECT_THAT(client.feed("+PONG\r\n+A\r\n"), ElementsAre("reply 1 +\"A\""));
  EXPECT_EQ(client.connection.deadline(), client.now + 2000);
}

TEST(Connection, ClosesWhenAPingIsNotAnswered) {
  Client client;
  client.become_ready();
  client.now = client.connection.deadline();
  client.connection.on_timer(client.now, client.output);
  client.now = client.connection.deadline();
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kClose);
  EXPECT_THAT(client.failures(), IsEmpty());
}

// ---- Loss ----

TEST(Connection, ResendsReadsOnceAndFailsTheRest) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.command({"SET", "b", "1"}, 2);
  client.command({"GET", "c"}, 3);
  EXPECT_THAT(client.lose(), ElementsAre("failed 2 may have run"));
  client.command({"GET", "d"}, 4);
  client.open();
  client.sent();
  EXPECT_THAT(client.feed(kHelloReply), ElementsAre("ready"));
  EXPECT_EQ(client.sent(), encoded({"GET", "a"}) + encoded({"GET", "c"}) + encoded({"GET", "d"}));
  EXPECT_THAT(client.feed("+A\r\n"), ElementsAre("reply 1 +\"A\""));
  EXPECT_THAT(client.lose(), ElementsAre("failed 3 may have run"));
  client.become_ready();
  EXPECT_THAT(client.feed("+D\r\n"), ElementsAre("reply 4 +\"D\""));
  EXPECT_EQ(client.connection.queued_bytes(), 0u);
}

TEST(Connection, KeepsTheDeadlineOfACommandThatIsSentAgain) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.now += 1500;
  EXPECT_THAT(client.lose(), IsEmpty());
  client.open();
  client.now = client.connection.deadline();
  EXPECT_LE(client.now, 1'002'000u + 50);
  client.connection.on_timer(client.now, client.output);
  EXPECT_THAT(client.failures(), ElementsAre("failed 1 may have run"));
}

TEST(Connection, TakesLossMoreThanOnceForOne) {
  Client client;
  client.become_ready();
  client.connection.lost(client.now);
  const Milliseconds retry = client.connection.deadline();
  client.connection.lost(client.now + 10);
  EXPECT_EQ(client.connection.deadline(), retry);
}

TEST(Connection, WaitsForARandomPartOfADoublingTimeBetweenAttempts) {
  std::map<int, std::set<Milliseconds>> waits;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Client client({}, seed);
    for (int attempt = 0; attempt < 12; ++attempt) {
      client.open();
      client.connection.lost(client.now);
      waits[attempt].insert(client.connection.deadline() - client.now);
    }
  }
  for (const auto& [attempt, times] : waits) {
    const Milliseconds longest = std::min<Milliseconds>(Milliseconds{50} << attempt, 5000);
    EXPECT_LE(*times.rbegin(), longest) << attempt;
    EXPECT_GE(*times.rbegin(), longest * 8 / 10) << attempt;
    EXPECT_LE(*times.begin(), longest * 2 / 10) << attempt;
    EXPECT_GE(times.size(), 20u) << attempt;
  }
}

TEST(Connection, BeginsWithShortTimesAgainAfterAConnectionThatLasted) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Client client({}, seed);
    for (int i = 0; i < 10; ++i) {
      client.open();
      client.connection.lost(client.now);
    }
    client.become_ready();
    client.now += 5000;
    client.connection.lost(client.now);
    EXPECT_LE(client.connection.deadline(), client.now + 50);
  }
}

TEST(Connection, KeepsLongTimesAfterConnectionsThatBreakAtOnce) {
  Milliseconds longest = 0;
  Client client;
  for (int i = 0; i < 30; ++i) {
    client.become_ready();
    client.connection.lost(client.now);
    longest = std::max(longest, client.connection.deadline() - client.now);
  }
  EXPECT_GE(longest, 2500u);
}

// ---- Cancelling ----

TEST(Connection, KeepsThePlaceOfACancelledCommand) {
  Client client;
  client.become_ready();
  client.command({"GET", "old"}, 1000);
  for (Token token = 0; token < 100; ++token) client.command({"GET", std::to_string(token)}, token);
  client.connection.cancel(1000);
  std::string replies = "+old\r\n";
  Lines expected;
  for (Token token = 0; token < 100; ++token) {
    replies += "+v" + std::to_string(token) + "\r\n";
    expected.push_back("reply " + std::to_string(token) + " +\"v" + std::to_string(token) + "\"");
  }
  EXPECT_EQ(client.feed(replies), expected);
}

TEST(Connection, ClosesEvenForACancelledCommandThatIsLate) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.connection.cancel(1);
  client.now += 2000;
  EXPECT_EQ(client.connection.on_timer(client.now, client.output), Action::kClose);
  EXPECT_THAT(client.failures(), IsEmpty());
}

TEST(Connection, DoesNotSendACommandThatIsCancelledWhileItWaits) {
  for (Token cancelled = 1; cancelled <= 3; ++cancelled) {
    Client client;
    client.command({"GET", "a"}, 1);
    client.command({"GET", "bbb"}, 2);
    client.command({"GET", "cc"}, 3);
    client.connection.cancel(cancelled);
    client.open();
    client.sent();
    client.feed(kHelloReply);
    std::string expected;
    if (cancelled != 1) expected += encoded({"GET", "a"});
    if (cancelled != 2) expected += encoded({"GET", "bbb"});
    if (cancelled != 3) expected += encoded({"GET", "cc"});
    EXPECT_EQ(client.sent(), expected);
    EXPECT_EQ(client.connection.queued_bytes(), expected.size());
  }
}

TEST(Connection, ForgetsACancelledCommandWhenTheConnectionIsLost) {
  Client client;
  client.become_ready();
  client.command({"GET", "a"}, 1);
  client.command({"SET", "b", "1"}, 2);
  client.command({"SET", "c", "1"}, 3);
  client.connection.cancel(1);
  client.connection.cancel(2);
  client.connection.lost(client.now);
  client.connection.cancel(3);
  EXPECT_THAT(client.failures(), IsEmpty());
  EXPECT_EQ(client.connection.queued_commands(), 0u);
}

// ---- Random schedules ----

// A server that answers "GET n" with n, after a random number of turns, in random pieces.
class SlowServer {
 public:
  explicit SlowServer(std::mt19937& random) : random_(random) {}

  void receive(Bytes bytes) {
    requests_.append(bytes);
    while (!requests_.empty()) {
      MutableBytes input = requests_.mutable_bytes();
      const auto request = parser_.receive(input);
      ASSERT_TRUE(request && *request);
      const std::string name((**request)[0].text());
      if (name == "HELLO") replies_ += kHelloReply;
      if (name == "PING") replies_ += "+PONG\r\n";
      if (name == "GET" || name == "SET") {
        if (random_() % 8 == 0) replies_ += ">1\r\n+noise\r\n";
        if (random_() % 8 == 0) replies_ += "|1\r\n+a\r\n:1\r\n";
        replies_ += ":" + std::string((**request)[1].text()) + "\r\n";
      }
      requests_.consume(requests_.size() - input.size());
    }
  }
  std::string some_reply_bytes() {
    const std::size_t count = std::min<std::size_t>(replies_.size(), random_() % 64);
    std::string bytes = replies_.substr(0, count);
    replies_.erase(0, count);
    return bytes;
  }

 private:
  std::mt19937& random_;
  Parser parser_;
  Buffer requests_;
  std::string replies_;
};

TEST(Connection, GivesEveryReplyToItsCommandUnderRandomSchedules) {
  std::size_t replies = 0;
  std::size_t failures = 0;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    Client client({}, seed);
    std::optional<SlowServer> server;
    std::set<Token> outstanding;
    Token next = 0;
    const auto came_back = [&](Token token) {
      EXPECT_EQ(outstanding.erase(token), 1u) << "seed " << seed << ", token " << token;
    };
    const auto drain = [&] {
      while (const auto failure = client.connection.next_failure()) {
        came_back(failure->token);
        ++failures;
      }
    };
    for (int turn = 0; turn < 1500; ++turn) {
      client.now += random() % 30;
      for (std::uint32_t i = random() % 4; i > 0; --i) {
        const Token token = next++;
        const std::string_view name = random() % 3 == 0 ? "SET" : "GET";
        if (client.command({name, std::to_string(token)}, token)) outstanding.insert(token);
      }
      if (random() % 16 == 0 && !outstanding.empty()) {
        client.connection.cancel(*outstanding.begin());
        outstanding.erase(outstanding.begin());
      }
      if (client.now >= client.connection.deadline()) {
        const Action action = client.connection.on_timer(client.now, client.output);
        if (action == Action::kConnect) {
          server.emplace(random);
          client.connection.opened(client.now, client.output);
        } else if (action == Action::kClose) {
          server.reset();
          client.output.clear();
        }
      }
      drain();
      if (!server) continue;
      server->receive(client.output.bytes());
      client.output.clear();
      const bool stalls = turn % 500 > 350;
      std::string bytes = stalls ? "" : server->some_reply_bytes();
      MutableBytes input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
      while (true) {
        const auto event = client.connection.receive(input, client.now, client.output);
        ASSERT_TRUE(event) << describe(event.error());
        if (event->kind == Event::Kind::kNeedMore) break;
        if (event->kind != Event::Kind::kReply) continue;
        ASSERT_EQ(event->reply.integer(), static_cast<std::int64_t>(event->token));
        came_back(event->token);
        ++replies;
      }
      if (random() % 200 == 0) {
        client.connection.lost(client.now);
        client.output.clear();
        server.reset();
      }
      drain();
    }
    client.now += 10'000;
    client.connection.on_timer(client.now, client.output);
    client.connection.lost(client.now);
    client.now += 10'000;
    client.connection.on_timer(client.now, client.output);
    drain();
    EXPECT_THAT(outstanding, IsEmpty()) << "seed " << seed;
  }
  EXPECT_GT(replies, 2000u);
  EXPECT_GT(failures, 200u);
}

}  // namespace
}  // namespace heliograph::resp
