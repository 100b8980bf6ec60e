#include "net/notify_socket.hpp"

#include <array>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace heliograph::net {
namespace {

// A service manager's end.
class Manager {
 public:
  explicit Manager(const Endpoint& endpoint)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::bind(socket_.get(), endpoint.address(), endpoint.length), 0);
  }

  // What was sent; a datagram is there as soon as it is sent.
  [[nodiscard]] std::string receive() const {
    std::array<char, 256> datagram{};
    const ssize_t size = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
    return size < 0 ? "nothing" : std::string(datagram.data(), static_cast<std::size_t>(size));
  }

 private:
  FileDescriptor socket_;
};

TEST(NotifySocket, ReachesAManagerByItsPath) {
  const auto path =
      std::filesystem::temp_directory_path() / ("notify-" + std::to_string(::getpid()));
  const Manager manager(unix_endpoint(path.string()).value());
  const auto socket = NotifySocket::open(path.string());
  ASSERT_TRUE(socket.has_value()) << socket.error();
  EXPECT_TRUE(socket->send("READY=1\nSTATUS=serving"));
  EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=serving");
  std::filesystem::remove(path);
}

TEST(NotifySocket, ReachesAManagerByAnAbstractName) {
  const std::string name = "heliograph-test-" + std::to_string(::getpid());
  const Endpoint endpoint = abstract_endpoint(name).value();
  EXPECT_EQ(endpoint.text(), "unix:@" + name);
  const Manager manager(endpoint);
  const auto socket = NotifySocket::open("@" + name);
  ASSERT_TRUE(socket.has_value()) << socket.error();
  EXPECT_TRUE(socket->send("WATCHDOG=1"));
  EXPECT_EQ(manager.receive(), "WATCHDOG=1");
}

TEST(NotifySocket, AManagerThatIsGoneMissesWhatIsSent) {
  const auto socket = NotifySocket::open("@heliograph-gone-" + std::to_string(::getpid()));
  ASSERT_TRUE(socket.has_value()) << socket.error();
  EXPECT_TRUE(socket->send("READY=1"));
}

TEST(NotifySocket, WhatDoesNotFitIsNotTakenAndDoesNotBlock) {
  const std::string name = "heliograph-silent-" + std::to_string(::getpid());
  const auto socket = NotifySocket::open("@" + name);
  ASSERT_TRUE(socket.has_value()) << socket.error();
  const Manager manager(abstract_endpoint(name).value());
  int taken = 0;
  while (socket->send("WATCHDOG=1")) ++taken;
  EXPECT_FALSE(socket->send("READY=1"));
  for (; taken > 0; --taken) EXPECT_EQ(manager.receive(), "WATCHDOG=1");
  EXPECT_TRUE(socket->send("READY=1"));
  EXPECT_EQ(manager.receive(), "READY=1");
}

TEST(NotifySocket, WhatIsNoAddressIsRefused) {
  EXPECT_FALSE(NotifySocket::open("").has_value());
  EXPECT_FALSE(NotifySocket::open("relative").has_value());
  EXPECT_FALSE(NotifySocket::open("/" + std::string(200, 'x')).has_value());
  EXPECT_FALSE(NotifySocket::open("@" + std::string(200, 'x')).has_value());
}

}  // namespace
}  // namespace heliograph::net
