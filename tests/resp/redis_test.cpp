// Parser, encoder and connection against a real redis-server.
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/connection.hpp"
#include "resp/encoder.hpp"
#include "tests/resp/redis_server.hpp"

namespace heliograph::resp {
namespace {

using heliograph::testing::RedisServer;
using heliograph::testing::TestSocket;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Lines = std::vector<std::string>;

constexpr std::chrono::seconds kPatience{10};

Milliseconds now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<Milliseconds>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

// A socket and a parser: what a server says to bare commands.
class RawClient {
 public:
  explicit RawClient(const RedisServer& server)
      : socket_(TestSocket::connect(server.socket_path())) {}

  void send(std::initializer_list<std::string_view> arguments) {
    Buffer output;
    encode(arguments, output);
    ASSERT_TRUE(socket_ && socket_->send(output.bytes()));
  }
  void send_plain(std::string_view bytes) {
    ASSERT_TRUE(socket_ && socket_->send(as_bytes(bytes)));
  }
  // The next reply or push, printed.
  std::string next() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (socket_ && std::chrono::steady_clock::now() < until) {
      MutableBytes input = received_.mutable_bytes();
      const std::size_t before = input.size();
      const auto reply = parser_.receive(input);
      if (!reply) return std::string(describe(reply.error()));
      std::string text = *reply ? to_text(**reply) : std::string();
      received_.consume(before - input.size());
      if (*reply) return text;
      if (!socket_->receive(received_, std::chrono::milliseconds(100))) return "closed";
    }
    return "nothing";
  }

 private:
  std::optional<TestSocket> socket_;
  Parser parser_;
  Buffer received_;
};

// The loop that connection.hpp asks of its caller.
class LoopClient {
 public:
  explicit LoopClient(const RedisServer& server, Account account = {}, ClientOptions options = {})
      : path_(server.socket_path()),
        account_(std::move(account)),
        options_(std::move(options)),
        connection_(options_, account_, false, 1) {}

  Connection& connection() { return connection_; }
  void forward(std::initializer_list<std::string_view> arguments, Token token) {
    Buffer command;
    encode(arguments, command);
    connection_.forward(command.bytes(), token, output_);
  }
  // Turns until `done` of what has happened, or patience ends.
  template <class Done>
  Lines run_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!done(lines_) && std::chrono::steady_clock::now() < until) turn();
    return std::exchange(lines_, {});
  }
  Lines run_for_lines(std::size_t count) {
    return run_until([count](const Lines& lines) { return lines.size() >= count; });
  }

 private:
  void turn() {
    if (now() >= connection_.deadline()) on_timer();
    if (socket_ && !output_.empty() && !socket_->send(output_.bytes())) close();
    output_.clear();
    if (socket_ && !socket_->receive(received_, std::chrono::milliseconds(5))) close();
    receive();
    while (const auto token = connection_.next_unanswered()) {
      lines_.push_back("unanswered " + std::to_string(*token));
    }
  }
  void on_timer() {
    switch (connection_.on_timer(now(), output_)) {
      case Action::kConnect:
        socket_ = TestSocket::connect(path_);
        if (socket_) {
          connection_.opened(now(), output_);
        } else {
          close();
        }
        break;
      case Action::kClose:
        lines_.emplace_back("close");
        close();
        break;
      case Action::kNothing:
        break;
    }
  }
  void receive() {
    MutableBytes input = received_.mutable_bytes();
    while (true) {
      const auto event = connection_.receive(input, now(), output_);
      if (!event) lines_.emplace_back(describe(event.error()));
      if (!event || event->kind == Event::Kind::kRefused) {
        if (event) lines_.push_back("refused " + to_text(event->reply));
        close();
        return;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      if (event->kind == Event::Kind::kReady) lines_.emplace_back("ready");
      if (event->kind == Event::Kind::kPush) lines_.push_back("push " + to_text(event->reply));
      if (event->kind == Event::Kind::kReply) {
        lines_.push_back(std::to_string(event->token) + " " + to_text(event->reply));
      }
    }
    received_.clear();
  }
  void close() {
    connection_.lost(now());
    socket_.reset();
    output_.clear();
    received_.clear();
  }

  const std::string path_;
  const Account account_;
  const ClientOptions options_;
  Connection connection_;
  std::optional<TestSocket> socket_;
  Buffer output_;
  Buffer received_;
  Lines lines_;
};

class Redis : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not in PATH";
  }
};

TEST_F(Redis, AnswersHelloWithAMap) {
  const RedisServer server;
  RawClient client(server);
  client.send({"HELLO", "3"});
  const std::string reply = client.next();
  EXPECT_THAT(reply, StartsWith("%[\"server\", \"redis\""));
  EXPECT_THAT(reply, HasSubstr("\"proto\", :3"));
  client.send({"HELLO", "4"});
  EXPECT_THAT(client.next(), StartsWith("-\"NOPROTO"));
}

TEST_F(Redis, SendsEveryTypeOfDebugProtocolAsItIs) {
  const RedisServer server({.lines = {"enable-debug-command yes"}});
  RawClient client(server);
  client.send({"HELLO", "3"});
  client.next();
  const std::vector<std::pair<std::string_view, std::string_view>> types = {
      {"string", "\"Hello World\""},
      {"integer", ":12345"},
      {"double", ",3.141"},
      {"null", "null"},
      {"array", "*[:0, :1, :2]"},
      {"set", "~[:0, :1, :2]"},
      {"bignum", "(1234567999999999999999999999999999999"},
      {"true", "true"},
      {"false", "false"},
      {"verbatim", "txt\"This is a verbatim\\x0astring\""},
  };
  for (const auto& [type, text] : types) client.send({"DEBUG", "PROTOCOL", type});
  for (const auto& [type, text] : types) EXPECT_EQ(client.next(), text) << type;
  client.send({"DEBUG", "PROTOCOL", "map"});
  EXPECT_EQ(client.next(), "%[:0, false, :1, true, :2, false]");
  client.send({"DEBUG", "PROTOCOL", "push"});
  EXPECT_THAT(client.next(), StartsWith(">["));
}

TEST_F(Redis, ShiftsNoReplyByAnAttribute) {
  const RedisServer server({.lines = {"enable-debug-command yes"}});
  LoopClient client(server);
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("ready"));
  client.forward({"SET", "k", "v"}, 1);
  client.forward({"GET", "k"}, 2);
  client.forward({"DEBUG", "PROTOCOL", "attrib"}, 3);
  client.forward({"GET", "k"}, 4);
  client.forward({"PING"}, 5);
  EXPECT_THAT(
      client.run_for_lines(5),
      ElementsAre("1 +\"OK\"", "2 \"v\"",
                  "3 |[\"key-popularity\", *[\"key:123\", :90]] \"Some real reply following "
                  "the attribute\"",
                  "4 \"v\"", "5 +\"PONG\""));
}

TEST_F(Redis, EchoesAnyBytes) {
  const RedisServer server;
  LoopClient client(server);
  client.run_for_lines(1);
  std::mt19937 random(7);
  std::vector<std::string> expected;
  for (Token token = 0; token < 300; ++token) {
    std::string argument(random() % (token % 10 == 0 ? 20'000 : 100), '\0');
    for (char& c : argument) c = static_cast<char>(random());
    if (token == 1) argument = "a\r\nSET pwned 1";
    const auto text = std::vector<std::uint8_t>(argument.begin(), argument.end());
    const std::vector<Node> node = {
        {.type = Type::kBulkString, .end = 1, .size = static_cast<std::uint32_t>(text.size())}};
    expected.push_back(std::to_string(token) + " " + to_text(Reply(node, text.data(), 0)));
    client.forward({"ECHO", argument}, token);
  }
  EXPECT_EQ(client.run_for_lines(300), expected);
  client.forward({"EXISTS", "pwned"}, 1);
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("1 :0"));
}

TEST_F(Redis, PublishesToASubscriberOnTheSameConnection) {
  const RedisServer server;
  RawClient client(server);
  client.send({"HELLO", "3"});
  client.next();
  client.send({"SUBSCRIBE", "room"});
  client.send({"PUBLISH", "room", "hello"});
  client.send({"GET", "nothing"});
  EXPECT_EQ(client.next(), ">[\"subscribe\", \"room\", :1]");
  EXPECT_EQ(client.next(), ">[\"message\", \"room\", \"hello\"]");
  EXPECT_EQ(client.next(), ":1");
  EXPECT_EQ(client.next(), "null");
}

TEST_F(Redis, SurfacesPushesBetweenReplies) {
  const RedisServer server;
  LoopClient client(server);
  client.run_for_lines(1);
  client.forward({"CLIENT", "TRACKING", "ON"}, 1);
  client.forward({"GET", "k"}, 2);
  client.forward({"SET", "k", "v"}, 3);
  client.forward({"GET", "k"}, 4);
  const Lines lines = client.run_for_lines(5);
  EXPECT_THAT(lines, ::testing::Contains("push >[\"invalidate\", *[\"k\"]]"));
  EXPECT_THAT(lines, ::testing::IsSupersetOf({"1 +\"OK\"", "2 null", "3 +\"OK\"", "4 \"v\""}));
}

TEST_F(Redis, LetsInWhoKnowsThePasswordAndRefusesWhoDoesNot) {
  const RedisServer server({.lines = {"requirepass secret", "user alice on >wonder ~* +@all"}});
  LoopClient right(server, {.password = "secret", .database = 5}, {.client_name = "node"});
  EXPECT_THAT(right.run_for_lines(1), ElementsAre("ready"));
  right.forward({"CLIENT", "GETNAME"}, 1);
  right.forward({"CLIENT", "INFO"}, 2);
  const Lines lines = right.run_for_lines(2);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "1 \"node\"");
  EXPECT_THAT(lines[1], HasSubstr(" db=5 "));

  LoopClient alice(server, {.user = "alice", .password = "wonder"});
  EXPECT_THAT(alice.run_for_lines(1), ElementsAre("ready"));

  LoopClient wrong(server, {.password = "guess"});
  EXPECT_THAT(wrong.run_for_lines(1), ElementsAre(StartsWith("refused -\"WRONGPASS")));
  EXPECT_THAT(wrong.connection().refusal(), StartsWith("WRONGPASS"));
  EXPECT_GE(wrong.connection().deadline(), now() + 500);

  LoopClient none(server);
  EXPECT_THAT(none.run_for_lines(1), ElementsAre(StartsWith("refused -\"NOAUTH")));
}

TEST_F(Redis, IsSpokenToInResp2WhenItHasNoHello) {
  const RedisServer server({.lines = {"requirepass secret", "rename-command HELLO \"\""}});
  LoopClient client(server, {.password = "secret", .database = 2}, {.client_name = "old"});
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("ready"));
  EXPECT_EQ(client.connection().protocol(), 2);
  client.forward({"HSET", "h", "f", "v"}, 1);
  client.forward({"HGETALL", "h"}, 2);
  client.forward({"GET", "none"}, 3);
  client.forward({"CLIENT", "GETNAME"}, 4);
  EXPECT_THAT(client.run_for_lines(4),
              ElementsAre("1 :1", "2 *[\"f\", \"v\"]", "3 null", "4 \"old\""));
}

TEST_F(Redis, IsSpokenToInResp2WhenItsAccessListWithholdsHello) {
  const RedisServer server({.lines = {"user bob on >b ~* +@all -hello"}});
  LoopClient client(server, {.user = "bob", .password = "b"});
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("ready"));
  client.forward({"ACL", "WHOAMI"}, 1);
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("1 \"bob\""));
}

TEST_F(Redis, IsFoundAgainAfterItWasKilled) {
  RedisServer server;
  LoopClient client(server);
  client.run_for_lines(1);
  server.kill();
  client.run_until([&](const Lines&) { return !client.connection().ready(); });
  server.start();
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("ready"));
  client.forward({"GET", "k"}, 1);
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("1 null"));
}

TEST_F(Redis, IsLeftWhenItFreezes) {
  RedisServer server;
  LoopClient client(server, {}, {.command_deadline = 100, .ping_after = 50});
  client.run_for_lines(1);
  server.freeze();
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("close"));
  server.thaw();
  EXPECT_THAT(client.run_for_lines(1), ElementsAre("ready"));
}

TEST_F(Redis, ListensOnAPortThatItsUrlNames) {
  RedisServer server({.tcp = true});
  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(server.url(), "redis://127.0.0.1:" + std::to_string(server.port()));
  server.restart();
  RawClient client(server);
  client.send({"CONFIG", "GET", "port"});
  EXPECT_THAT(client.next(), HasSubstr(std::to_string(server.port())));
}

}  // namespace
}  // namespace heliograph::resp
