// Workers on threads of their own, each with a listener of its own: so it is no chance which of
// them a client is connected to.

#include "server/worker.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/buffer.hpp"
#include "net/socket.hpp"
#include "ws/connection.hpp"

namespace heliograph::server {
namespace {

using ::testing::HasSubstr;

// Less than it takes to be pinged.
constexpr Milliseconds kPatience = 10'000;
// The password is "password".
constexpr std::string_view kHash =
    "$pbkdf2-sha256$i=1$c2FsdHNhbHQ$O+xIxXdlOv3CQzuTp9jujq55iV7ZO/Yn6XZ0x/Rfikw";

// A client of heliograph.v1 without TLS.
class Client {
 public:
  explicit Client(const net::Endpoint& server) : socket_(net::connect(server).value()) {
    EXPECT_TRUE(poller_.add(socket_.get(), 0, {.readable = true}));
    send(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: heliograph.v1\r\n\r\n");
    std::string head;
    while (!head.ends_with("\r\n\r\n") && more()) head += as_text(take_front(input_, 1));
    EXPECT_THAT(head, HasSubstr("101 Switching"));
  }

  void say(std::string_view message) {
    Buffer output;
    ws_.send(ws::Opcode::kText, as_bytes(message), output);
    send(output.text());
  }

  // The next message; "closed by CODE" behind the last; "" if none comes.
  std::string hear() {
    while (more()) {
      Buffer output;
      const auto event = ws_.receive(input_, output);
      if (!event) return "malformed";
      send(output.text());
      if (event->kind == ws::Event::Kind::kMessage) return std::string(as_text(event->data));
      if (event->kind == ws::Event::Kind::kClose) {
        net::shutdown_send(socket_.get());
        return "closed by " + std::to_string(static_cast<int>(event->code));
      }
    }
    return "";
  }

  std::string ask(std::string_view message) {
    say(message);
    return hear();
  }

 private:
  // Room for all that is said in a test.
  void send(std::string_view text) {
    EXPECT_TRUE(text.empty() || net::send(socket_.get(), as_bytes(text)) == text.size());
  }

  // Whether there is input, for which it waits.
  bool more() {
    while (input_.empty()) {
      if (poller_.wait(kPatience).empty()) return false;
      const auto count = net::receive(socket_.get(), block_);
      if (!count && count.error() != net::IoError::kWouldBlock) return false;
      if (count) input_ = MutableBytes(block_).first(*count);
    }
    return true;
  }

  static constexpr std::size_t kBlock = 4096;
  net::FileDescriptor socket_;
  net::Poller poller_;
  ws::Limits limits_;
  ws::Connection ws_{ws::Role::kClient, limits_};
  std::array<std::uint8_t, kBlock> block_{};
  MutableBytes input_;
};

class WorkerTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kWorkers = 2;

  WorkerTest() {
    signal::UsersFile users;
    for (const char* name : {"alice", "bob", "carol", "dave", "erin", "frank"}) {
      users.set(name, kHash);
    }
    options_.users = std::make_shared<signal::UsersFile>(std::move(users));
    node_.options = &options_;
    node_.settings = std::make_shared<Reloadable>(options_);
    node_.pool = std::make_unique<WorkPool>(1, 64);
    node_.serving = kWorkers;
    for (std::uint32_t i = 0; i < kWorkers; ++i) {
      node_.mailboxes.push_back(std::make_unique<Worker::Mailbox>());
    }
    for (std::uint32_t i = 0; i < kWorkers; ++i) {
      auto listeners = net::listen(net::resolve("127.0.0.1", 0).value(), 1);
      endpoints_.push_back(listeners.front().local());
      workers_.push_back(std::make_unique<Worker>(i, node_, std::move(listeners.front())));
      threads_.emplace_back([worker = workers_.back().get()] { worker->run(); });
    }
  }

  ~WorkerTest() override {
    for (std::uint32_t i = 0; i < kWorkers; ++i) post(i, Stop{});
  }

  void post(std::uint32_t worker, Letter letter) {
    node_.mailboxes[worker]->post(std::move(letter));
  }

  // They end by themselves, or the test hangs.
  void wait_for_the_end() { threads_.clear(); }

  std::string log_in(Client& client, const std::string& name) {
    return client.ask(R"({"type":"login","name":")" + name + R"(","password":"password"})");
  }

  static std::string token_in(const std::string& welcome) {
    constexpr std::string_view kKey = R"("token":")";
    const std::size_t begin = welcome.find(kKey);
    if (begin == std::string::npos) return "";
    const std::size_t value = begin + kKey.size();
    return welcome.substr(value, welcome.find('"', value) - value);
  }

  // Users at home at this worker.
  static std::vector<std::string> names_of(std::uint32_t worker) {
    std::vector<std::string> names;
    for (const char* name : {"alice", "bob", "carol", "dave", "erin", "frank"}) {
      if (signal::home_worker(name, kWorkers) == worker) names.emplace_back(name);
    }
    return names;
  }

  Options options_;
  Worker::Node node_;
  std::vector<net::Endpoint> endpoints_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::jthread> threads_;
};

TEST_F(WorkerTest, OneThatNobodyIsConnectedToDrainsWhenTheClientsOfItsSessionsHaveGone) {
  std::string token;
  {
    Client lost(endpoints_[1]);
    token = token_in(log_in(lost, "bob"));
  }
  Client client(endpoints_[0]);
  ASSERT_THAT(client.ask(R"({"type":"resume","token":")" + token + R"("})"),
              HasSubstr(R"("resumed":true)"));
  post(1, Drain{.over = kPatience});
  // The first may come together with the letter.
  for (int i = 0; i < 3; ++i) ASSERT_EQ(client.ask(R"({"type":"ping"})"), R"({"type":"pong"})");
  post(0, Drain{.over = kPatience});
  ASSERT_THAT(client.hear(), HasSubstr("goaway"));
  ASSERT_EQ(client.hear(), "closed by 1001");
  wait_for_the_end();
}

TEST_F(WorkerTest, OneThatNobodyIsConnectedToIsTheHomeOfNamesUntilAllHaveGone) {
  const std::vector<std::string> names = names_of(1);
  ASSERT_GE(names.size(), 2U);
  Client one(endpoints_[0]);
  Client other(endpoints_[0]);
  ASSERT_THAT(log_in(one, names[0]), HasSubstr("welcome"));
  ASSERT_THAT(log_in(other, names[1]), HasSubstr("welcome"));
  post(1, Drain{.over = kPatience});
  one.say(R"({"type":"offer","call":"c","offer":1,"to":")" + names[1] + R"("})");
  ASSERT_THAT(other.hear(), HasSubstr("offer"));
  other.say(R"({"type":"answer","call":"c","answer":2,"to":")" + names[0] + R"("})");
  ASSERT_THAT(one.hear(), HasSubstr("answer"));
  one.say(R"({"type":"candidate","call":"c","candidate":3,"to":")" + names[1] + R"("})");
  ASSERT_THAT(other.hear(), HasSubstr("candidate"));
  post(0, Drain{.over = kPatience});
  ASSERT_THAT(one.hear(), HasSubstr("goaway"));
  ASSERT_THAT(other.hear(), HasSubstr("goaway"));
  ASSERT_EQ(one.hear(), "closed by 1001");
  ASSERT_EQ(other.hear(), "closed by 1001");
  wait_for_the_end();
}

}  // namespace
}  // namespace heliograph::server
