#include "server/supervisor.hpp"

#include <array>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heliograph::server {
namespace {

using ::testing::StartsWith;

constexpr Milliseconds kLater = Milliseconds{1} << 40;

// A service manager that has not read for so long that nothing more fits into its queue.
class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest()
      : address_("@heliograph-supervisor-" + std::to_string(::getpid())),
        manager_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const auto endpoint = net::abstract_endpoint(address_.substr(1)).value();
    EXPECT_EQ(::bind(manager_.get(), endpoint.address(), endpoint.length), 0);
    supervisor_ = Supervisor(open(), 1000);
    const net::NotifySocket other = open();
    while (other.send("other")) ++others_;
  }

  net::NotifySocket open() { return std::move(*net::NotifySocket::open(address_)); }

  std::string receive() {
    std::array<char, 256> datagram{};
    const ssize_t size = ::recv(manager_.get(), datagram.data(), datagram.size(), 0);
    return size < 0 ? "nothing" : std::string(datagram.data(), static_cast<std::size_t>(size));
  }
  void read_others() {
    for (; others_ > 0; --others_) EXPECT_EQ(receive(), "other");
  }

  std::string address_;
  net::FileDescriptor manager_;
  Supervisor supervisor_;
  int others_ = 0;
};

TEST_F(SupervisorTest, WhatDoesNotFitIsToldInItsOrderWhenItDoes) {
  supervisor_.ready("serving");
  supervisor_.stopping();
  EXPECT_NE(supervisor_.deadline(), kNever);
  supervisor_.on_timer(kLater);
  EXPECT_GT(supervisor_.deadline(), kLater);  // no sooner than after a while
  EXPECT_NE(supervisor_.deadline(), kNever);
  read_others();
  EXPECT_EQ(receive(), "nothing");
  supervisor_.on_timer(kLater);
  EXPECT_EQ(receive(), "READY=1\nSTATUS=serving");
  EXPECT_THAT(receive(), StartsWith("STOPPING=1\n"));
  EXPECT_EQ(receive(), "nothing");
  EXPECT_EQ(supervisor_.deadline(), kNever);
}

TEST_F(SupervisorTest, NothingOvertakesWhatWaits) {
  supervisor_.ready("serving");
  EXPECT_EQ(receive(), "other");
  --others_;
  supervisor_.alive();  // would fit
  supervisor_.reloading();
  supervisor_.ready("serving");
  read_others();
  supervisor_.on_timer(kLater);
  EXPECT_THAT(receive(), StartsWith("RELOADING=1\n"));
  EXPECT_EQ(receive(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(receive(), "nothing");
}

TEST_F(SupervisorTest, OfManyReloadsOnlyTheLastWaits) {
  for (int i = 0; i < 1000; ++i) {
    supervisor_.reloading();
    supervisor_.ready(std::to_string(i));
  }
  read_others();
  supervisor_.on_timer(kLater);
  EXPECT_THAT(receive(), StartsWith("RELOADING=1\n"));
  EXPECT_EQ(receive(), "READY=1\nSTATUS=999");
  EXPECT_EQ(receive(), "nothing");
}

TEST_F(SupervisorTest, TheWatchdogWaitsForNothing) {
  supervisor_.alive();
  EXPECT_EQ(supervisor_.deadline(), kNever);
  read_others();
  supervisor_.alive();
  EXPECT_EQ(receive(), "WATCHDOG=1");
}

TEST_F(SupervisorTest, BehindTheEndNothingIsTold) {
  read_others();
  supervisor_.stopping();
  supervisor_.alive();
  supervisor_.reloading();
  supervisor_.ready("serving");
  EXPECT_THAT(receive(), StartsWith("STOPPING=1\n"));
  EXPECT_EQ(receive(), "nothing");
}

TEST_F(SupervisorTest, AnEndThatDoesNotFitIsNotForgottenOverAReload) {
  supervisor_.stopping();
  supervisor_.reloading();
  supervisor_.ready("serving");
  read_others();
  supervisor_.on_timer(kLater);
  EXPECT_THAT(receive(), StartsWith("STOPPING=1\n"));
  EXPECT_EQ(receive(), "nothing");
}

TEST(Supervisor, WithoutAManagerNothingWaits) {
  Supervisor supervisor;
  supervisor.ready("serving");
  supervisor.stopping();
  EXPECT_EQ(supervisor.deadline(), kNever);
  EXPECT_EQ(supervisor.patience(), 0U);
}

}  // namespace
}  // namespace heliograph::server
