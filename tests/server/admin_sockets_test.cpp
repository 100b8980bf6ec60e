#include "server/admin_sockets.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/socket.hpp"
#include "net/unix_listener.hpp"

namespace heliograph::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr net::PollToken kListener = 7;
constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// Over a Unix socket, where what was sent has arrived.
class AdminSocketsTest : public ::testing::Test {
 protected:
  AdminSocketsTest() {
    std::string name = std::filesystem::temp_directory_path() / "heliograph-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    listener_.emplace(folder_ / "socket");
    sockets_.emplace(listener_->listener(), poller_, kListener);
  }
  ~AdminSocketsTest() override { std::filesystem::remove_all(folder_); }

  net::FileDescriptor connect() {
    net::FileDescriptor client = net::connect(listener_->listener().local()).value();
    turn();
    return client;
  }

  // Everything that is ready now is dealt with; requests are answered with `path` when `answers_`.
  void turn() {
    for (auto ready = poller_.wait(0); !ready.empty(); ready = poller_.wait(0)) {
      for (const net::Ready& one : ready) {
        const auto request = sockets_->on_ready(one, now_);
        if (!request) continue;
        ++requests_;
        asked_ = request->connection;
        if (answers_) answer(request->head.path());
      }
    }
  }

  void answer(std::string_view body) {
    constexpr http::Field kFields[] = {{"X", "y"}};
    sockets_->respond(asked_, 200, kFields, body, now_);
  }

  void say(const net::FileDescriptor& client, std::string_view text) {
    ASSERT_EQ(net::send(client.get(), as_bytes(text)).value(), text.size());
    turn();
  }

  // What has arrived; `ended` tells whether it was the last.
  std::string hear(const net::FileDescriptor& client) {
    std::string heard;
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
      turn();
      const auto count = net::receive(client.get(), block);
      if (count) {
        heard += as_text(Bytes(block).first(*count));
      } else {
        ended_ = count.error() != net::IoError::kWouldBlock;
        return heard;
      }
    }
  }

  std::filesystem::path folder_;
  std::optional<net::UnixListener> listener_;
  net::Poller poller_;
  Milliseconds now_ = 1'000'000;
  std::optional<AdminSockets> sockets_;
  bool answers_ = true;
  SlotId asked_ = 0;
  int requests_ = 0;
  bool ended_ = false;
};

TEST_F(AdminSocketsTest, RequestsFollowEachOtherOnOneConnection) {
  const auto client = connect();
  for (int i = 1; i <= 3; ++i) {
    say(client, kGet);
    EXPECT_EQ(hear(client), "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\n/a");
    EXPECT_EQ(requests_, i);
  }
  EXPECT_FALSE(ended_);
}

TEST_F(AdminSocketsTest, InOneTurnNotMoreAreAcceptedThanThereMayBe) {
  std::vector<net::FileDescriptor> crowd;
  for (std::size_t i = 0; i < kMaxAdminConnections + 1; ++i) {
    crowd.push_back(net::connect(listener_->listener().local()).value());
  }
  std::array<std::uint8_t, 1> block{};
  const auto waits = [&](std::size_t number) {
    return net::receive(crowd[number].get(), block) == fail(net::IoError::kWouldBlock);
  };
  sockets_->on_ready({.token = kListener, .readable = true}, now_);
  EXPECT_TRUE(waits(kMaxAdminConnections - 1));
  EXPECT_TRUE(waits(kMaxAdminConnections));  // to be accepted
  turn();
  EXPECT_TRUE(waits(kMaxAdminConnections - 1));
  EXPECT_FALSE(waits(kMaxAdminConnections));  // was, and was closed
}

TEST_F(AdminSocketsTest, AHeadMayComeByteByByte) {
  const auto client = connect();
  for (const char byte : kGet) say(client, std::string(1, byte));
  EXPECT_THAT(hear(client), EndsWith("\r\n\r\n/a"));
}

TEST_F(AdminSocketsTest, AnAnswerMayComeLater) {
  answers_ = false;
  const auto client = connect();
  say(client, kGet);
  EXPECT_EQ(hear(client), "");
  answer("late");
  EXPECT_THAT(hear(client), EndsWith("\r\n\r\nlate"));
  answer("too often");
  EXPECT_EQ(hear(client), "");
}

TEST_F(AdminSocketsTest, WhoHasGoneIsNotAnswered) {
  answers_ = false;
  {
    const auto client = connect();
    say(client, kGet);
  }
  turn();
  answer("nobody hears it");
  turn();
  const auto next = connect();
  answers_ = true;
  say(next, kGet);
  EXPECT_THAT(hear(next), EndsWith("/a"));
}

TEST_F(AdminSocketsTest, ALongAnswerLeavesAsItIsRead) {
  answers_ = false;
  const auto client = connect();
  say(client, kGet);
  const std::string body(std::size_t{8} << 20, 'x');
  answer(body);
  const std::string heard = hear(client);
  EXPECT_EQ(heard.size(), heard.find("\r\n\r\n") + 4 + body.size());
}

TEST_F(AdminSocketsTest, TheConnectionEndsWhereItIsAsked) {
  for (const std::string_view request :
       {"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    const auto client = connect();
    say(client, request);
    EXPECT_THAT(hear(client), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(ended_);
  }
}

TEST_F(AdminSocketsTest, WhatComesBehindARequestIsNotARequest) {
  const auto client = connect();
  say(client, std::string(kGet) + std::string(kGet));
  EXPECT_THAT(hear(client), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(ended_);
  EXPECT_EQ(requests_, 1);
}

TEST_F(AdminSocketsTest, BodiesAreRefused) {
  for (const std::string_view field : {"Content-Length: 1", "Transfer-Encoding: chunked"}) {
    const auto client = connect();
    say(client, "POST /a HTTP/1.1\r\nHost: h\r\n" + std::string(field) + "\r\n\r\n");
    EXPECT_THAT(hear(client), StartsWith("HTTP/1.1 413 "));
    EXPECT_TRUE(ended_);
  }
  EXPECT_EQ(requests_, 0);
}

TEST_F(AdminSocketsTest, AHeadThatIsTooLongOrWrongIsRefused) {
  for (const std::string& text :
       {"GET /a HTTP/1.1\r\nHost: h\r\nX: " + std::string(http::kMaxHeadSize, 'x'),
        std::string("nonsense\r\n\r\n")}) {
    const auto client = connect();
    say(client, text);
    EXPECT_THAT(hear(client), StartsWith("HTTP/1.1 4"));
    EXPECT_TRUE(ended_);
  }
  EXPECT_EQ(requests_, 0);
}

TEST_F(AdminSocketsTest, HeadHasNoBody) {
  const auto client = connect();
  say(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(hear(client), EndsWith("Content-Length: 2\r\n\r\n"));
}

TEST_F(AdminSocketsTest, EveryWaitHasAnEnd) {
  answers_ = false;
  const auto silent = connect();
  const auto slow = connect();
  const auto waiting = connect();
  say(slow, "GET");
  now_ += kAdminDeadline - 1;
  say(slow, " ");
  say(waiting, kGet);  // has its own time now
  sockets_->on_timer(now_);
  hear(silent);
  EXPECT_FALSE(ended_);
  EXPECT_EQ(sockets_->deadline(), now_ + 1);
  now_ += 1;
  sockets_->on_timer(now_);
  for (const auto* client : {&silent, &slow}) {
    hear(*client);
    EXPECT_TRUE(ended_);
  }
  hear(waiting);
  EXPECT_FALSE(ended_);
  EXPECT_EQ(sockets_->deadline(), now_ - 1 + kAdminDeadline);
  now_ += kAdminDeadline;
  sockets_->on_timer(now_);
  hear(waiting);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(sockets_->deadline(), kNever);
}

TEST_F(AdminSocketsTest, OneMoreConnectionThanThereMayBeIsClosed) {
  std::vector<net::FileDescriptor> clients;
  for (std::size_t i = 0; i < kMaxAdminConnections; ++i) clients.push_back(connect());
  hear(clients.back());
  EXPECT_FALSE(ended_);
  const auto refused = connect();
  hear(refused);
  EXPECT_TRUE(ended_);
  clients.pop_back();
  turn();
  const auto next = connect();
  say(next, kGet);
  EXPECT_THAT(hear(next), EndsWith("/a"));
}

}  // namespace
}  // namespace heliograph::server
