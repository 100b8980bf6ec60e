#include "net/listener.hpp"

#include <array>
#include <system_error>

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/poller.hpp"
#include "net/socket.hpp"

namespace heliograph::net {
namespace {

std::vector<Endpoint> loopback(std::uint16_t port) {
  return resolve("127.0.0.1", port).value();
}

void wait_for(int fd, Interest interest) {
  Poller poller;
  ASSERT_TRUE(poller.add(fd, 0, interest));
  ASSERT_EQ(poller.wait(kNever).size(), 1U);
}

struct Pair {
  FileDescriptor client;
  FileDescriptor server;
};

Pair connected_pair() {
  const std::vector<Listener> listeners = listen(loopback(0), 1);
  Pair pair;
  pair.client = connect(listeners.front().local()).value();
  wait_for(listeners.front().fd(), {.readable = true});
  pair.server = std::move(listeners.front().accept().value().socket);
  return pair;
}

TEST(Listener, NobodyWaitingIsNotAnError) {
  const std::vector<Listener> listeners = listen(loopback(0), 1);
  ASSERT_EQ(listeners.size(), 1U);
  EXPECT_EQ(listeners.front().accept().error(), AcceptError::kNone);
}

TEST(Listener, PortInUseIsRefusedAlsoForSeveralWorkers) {
  const std::vector<Listener> first = listen(loopback(0), 2);
  const std::uint16_t port = first.front().local().port();
  for (const std::size_t workers : {1U, 2U}) {
    try {
      listen(loopback(port), workers);
      FAIL() << "the port was shared";
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::address_in_use);
    }
  }
}

TEST(Listener, SeveralWorkersListenOnOnePort) {
  const std::vector<Listener> listeners = listen(wildcard_endpoints(0), 3);
  ASSERT_EQ(listeners.size(), 3U);
  for (const Listener& listener : listeners) {
    EXPECT_EQ(listener.local().port(), listeners.front().local().port());
  }
}

TEST(Socket, BytesThenEndThenNothing) {
  Pair pair = connected_pair();
  EXPECT_EQ(connect_outcome(pair.client.get()), "");
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(receive(pair.server.get(), bytes).error(), IoError::kWouldBlock);
  EXPECT_EQ(send(pair.client.get(), as_bytes("hello")), 5U);
  wait_for(pair.server.get(), {.readable = true});
  EXPECT_EQ(receive(pair.server.get(), bytes), 5U);
  EXPECT_EQ(as_text(Bytes(bytes).first(5)), "hello");
  shutdown_send(pair.client.get());
  wait_for(pair.server.get(), {.readable = true});
  EXPECT_EQ(receive(pair.server.get(), bytes).error(), IoError::kEnd);
}

TEST(Socket, SendingToAClosedPeerFailsWithoutASignal) {
  Pair pair = connected_pair();
  EXPECT_EQ(send(pair.server.get(), as_bytes("unread")), 6U);
  pair.client.reset();
  Result<std::size_t, IoError> sent = 0;
  while (sent) sent = send(pair.server.get(), as_bytes("x"));
  EXPECT_EQ(sent.error(), IoError::kFailed);
}

TEST(Socket, AFullSocketWouldBlock) {
  const Pair pair = connected_pair();
  const std::vector<std::uint8_t> bytes(1 << 16);
  Result<std::size_t, IoError> sent = 0;
  while (sent) sent = send(pair.server.get(), bytes);
  EXPECT_EQ(sent.error(), IoError::kWouldBlock);
}

TEST(Socket, ARefusedConnectionSaysWhy) {
  std::uint16_t port = 0;
  {
    const std::vector<Listener> listeners = listen(loopback(0), 1);
    port = listeners.front().local().port();
  }
  const auto socket = connect(loopback(port).front());
  ASSERT_TRUE(socket);
  wait_for(socket->get(), {.writable = true});
  EXPECT_EQ(connect_outcome(socket->get()), "Connection refused");
}

TEST(Listener, TakesASocketThatListensAndNoOther) {
  const std::vector<Listener> listeners = listen(loopback(0), 1);
  const int inherited = ::dup(listeners.front().fd());
  ASSERT_GE(inherited, 0);
  const auto listener = Listener::inherit(inherited);
  ASSERT_TRUE(listener.has_value()) << listener.error();
  EXPECT_EQ(listener->local().port(), listeners.front().local().port());
  EXPECT_EQ(listener->accept().error(), AcceptError::kNone);  // and does not block

  const Pair pair = connected_pair();
  EXPECT_FALSE(Listener::inherit(pair.client.get()).has_value());
  const FileDescriptor datagrams(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(Listener::inherit(datagrams.get()).has_value());
  EXPECT_FALSE(Listener::inherit(-1).has_value());
}

TEST(Listener, WhoeverAsksFirstAcceptsFromADuplicatedSocket) {
  const std::vector<Listener> listeners = listen(loopback(0), 1);
  const Listener second = listeners.front().duplicate();
  const FileDescriptor client = connect(second.local()).value();
  wait_for(second.fd(), {.readable = true});
  EXPECT_TRUE(second.accept().has_value());
  EXPECT_EQ(listeners.front().accept().error(), AcceptError::kNone);
}

}  // namespace
}  // namespace heliograph::net
