#include "net/connector.hpp"

#include <gtest/gtest.h>

#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/socket.hpp"

namespace heliograph::net {
namespace {

constexpr Milliseconds kPatience = 10'000;

TEST(Connector, ReturnsAConnectionThatStands) {
  const auto listeners = listen(resolve("127.0.0.1", 0).value(), 1);
  const auto client = connect_to("127.0.0.1", listeners.front().local().port(), kPatience);
  ASSERT_TRUE(client) << client.error().text;
  Poller poller;
  ASSERT_TRUE(poller.add(listeners.front().fd(), 0, {.readable = true}));
  ASSERT_EQ(poller.wait(kPatience).size(), 1U);
  EXPECT_TRUE(listeners.front().accept());
  EXPECT_EQ(send(client->get(), as_bytes("x")), 1U);
}

TEST(Connector, NamesTheAddressThatRefuses) {
  std::uint16_t port = 0;
  {
    const auto listeners = listen(resolve("127.0.0.1", 0).value(), 1);
    port = listeners.front().local().port();
  }
  const auto refused = connect_to("127.0.0.1", port, kPatience);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, ConnectError::kUnreachable);
  EXPECT_EQ(refused.error().text,
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

// A listener whose queue is full leaves the next client unanswered.
TEST(Connector, GivesUpOnAnAddressThatDoesNotAnswer) {
  const auto endpoints = resolve("127.0.0.1", 0).value();
  const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), endpoints.front().address(), endpoints.front().length), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  Endpoint local;
  local.length = sizeof local.storage;
  ASSERT_EQ(::getsockname(listener.get(), local.address(), &local.length), 0);
  const auto first = connect_to("127.0.0.1", local.port(), kPatience);
  ASSERT_TRUE(first);
  const auto second = connect_to("127.0.0.1", local.port(), 50);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().error, ConnectError::kUnreachable);
  EXPECT_TRUE(second.error().text.ends_with("it does not answer")) << second.error().text;
}

TEST(Connector, SaysThatANameHasNoAddress) {
  const auto unknown = connect_to("no such host", 1, kPatience);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().error, ConnectError::kNoHost);
}

}  // namespace
}  // namespace heliograph::net
