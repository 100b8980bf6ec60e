#include "resp/connection.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/encoder.hpp"

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
  explicit Client(Account as = {}, ClientOptions how = {}, std::uint64_t seed = 1)
      : account(std::move(as)),
        options(std::move(how)),
        connection(options, account, false, seed) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() = default;

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
  void forward(std::initializer_list<std::string_view> arguments, Token token) {
    connection.forward(as_bytes(encoded(arguments)), token, output);
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
  std::vector<Token> unanswered() {
    std::vector<Token> tokens;
    while (const auto token = connection.next_unanswered()) tokens.push_back(*token);
    return tokens;
  }

  const Account account;
  const ClientOptions options;
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
  Client client({.user = "u", .password = "p", .database = 3}, {.client_name = "node"});
  client.open();
  EXPECT_EQ(client.sent(), encoded({"HELLO", "3", "AUTH", "u", "p", "SETNAME", "node"}));
  EXPECT_THAT(client.feed(kHelloReply), IsEmpty());
  EXPECT_EQ(client.sent(), encoded({"SELECT", "3"}));
  EXPECT_THAT(client.feed("+OK\r\n"), ElementsAre("ready"));
  EXPECT_EQ(client.sent(), "");
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
    Client client({.user = "u", .password = "p", .database = 3}, {.client_name = "node"});
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

TEST(Connection, ReportsARefusedHandshake) {
  for (const std::string_view refusal :
       {"-WRONGPASS invalid pair\r\n", "-NOAUTH HELLO must be called\r\n",
        "-LOADING Redis is loading\r\n", "-ERR max number of clients reached\r\n"}) {
    Client client({.password = "secret"});
    client.open();
    client.sent();
    const std::string text(refusal.substr(1, refusal.size() - 3));
    EXPECT_THAT(client.feed(refusal), ElementsAre("refused -\"" + text + "\""));
    EXPECT_EQ(client.connection.refusal(), text);
    EXPECT_GE(client.connection.deadline(), client.now + 1000);
    client.become_ready();
    EXPECT_EQ(client.connection.refusal(), "");
  }
}

TEST(Connection, ReportsARefusalAtEveryStepOfTheHandshake) {
  Client client({.password = "p", .database = 3}, {.client_name = "n"});
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
  Client client({}, {.setup_deadline = 5000});
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
  client.forward({"SET", "a", "1"}, 11);
  client.forward({"GET", "a"}, 12);
  EXPECT_FALSE(client.connection.idle());
  client.forward({"SCAN", "0"}, 13);
  EXPECT_EQ(client.sent(),
            encoded({"SET", "a", "1"}) + encoded({"GET", "a"}) + encoded({"SCAN", "0"}));
  EXPECT_THAT(client.feed("+OK\r\n$1\r\n1\r\n-ERR no\r\n"),
              ElementsAre("reply 11 +\"OK\"", "reply 12 \"1\"", "reply 13 -\"ERR no\""));
  EXPECT_TRUE(client.connection.idle());
}

TEST(Connection, GivesTheSameEventsWhenRepliesArriveByteByByte) {
  Client whole;
  Client bytewise;
  const std::string stream = "+OK\r\n>1\r\n+p\r\n$1\r\n1\r\n";
  Lines events;
  for (Client* const client : {&whole, &bytewise}) {
    client->become_ready();
    client->forward({"GET", "a"}, 1);
    client->forward({"GET", "b"}, 2);
  }
  for (const char& c : stream) {
    for (std::string& line : bytewise.feed({&c, 1})) events.push_back(std::move(line));
  }
  EXPECT_EQ(whole.feed(stream), events);
  EXPECT_THAT(events, ElementsAre("reply 1 +\"OK\"", "push >[+\"p\"]", "reply 2 \"1\""));
}

TEST(Connection, SurfacesPushesWithoutShiftingReplies) {
  Client client;
  client.become_ready();
  client.forward({"GET", "a"}, 1);
  client.forward({"GET", "b"}, 2);
  EXPECT_THAT(client.feed(">2\r\n+invalidate\r\n_\r\n+A\r\n>1\r\n+x\r\n>1\r\n+y\r\n+B\r\n"),
              ElementsAre("push >[+\"invalidate\", null]", "reply 1 +\"A\"", "push >[+\"x\"]",
                          "push >[+\"y\"]", "reply 2 +\"B\""));
}

TEST(Connection, KeepsAttributesWithTheReplyThatTheyDescribe) {
  Client client;
  client.become_ready();
  client.forward({"GET", "a"}, 1);
  client.forward({"GET", "b"}, 2);
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
  client.forward({"SET", "a", "1"}, 1);
  client.forward({"SET", "b", "1"}, 2);
  EXPECT_THAT(client.feed("+OK\r\n$x\r\n+OK\r\n"),
              ElementsAre("reply 1 +\"OK\"", "error a malformed length"));
  EXPECT_THAT(client.unanswered(), ElementsAre(2));
  EXPECT_THAT(client.feed("+OK\r\n"), IsEmpty());
  client.become_ready();
}

// ---- Silence ----

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
  client.forward({"GET", "a"}, 1);
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
  EXPECT_THAT(client.unanswered(), IsEmpty());
}

// ---- Loss ----

TEST(Connection, GivesBackWhatWasUnderWayInItsOrderAndNothingOfItsOwn) {
  Client client;
  client.become_ready();
  client.now = client.connection.deadline();
  client.connection.on_timer(client.now, client.output);  // a PING
  client.forward({"GET", "a"}, 7);
  client.connection.forward_silently(as_bytes(encoded({"ASKING"})), client.now, client.output);
  client.forward({"GET", "b"}, 5);
  client.connection.subscriptions(as_bytes(encoded({"SUBSCRIBE", "c"})), client.now, client.output);
  EXPECT_THAT(client.unanswered(), IsEmpty());
  client.connection.lost(client.now);
  client.sent();
  EXPECT_THAT(client.unanswered(), ElementsAre(7, 5));
  EXPECT_TRUE(client.connection.idle());
}

TEST(Connection, PairsNoReplyWithACommandOfTheConnectionBefore) {
  Client client;
  client.become_ready();
  client.forward({"GET", "a"}, 1);
  client.connection.lost(client.now);
  client.sent();
  client.become_ready();
  client.forward({"GET", "b"}, 2);
  EXPECT_THAT(client.feed("+B\r\n"), ElementsAre("reply 2 +\"B\""));
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
    Client client({}, {}, seed);
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
    Client client({}, {}, seed);
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

}  // namespace
}  // namespace heliograph::resp
