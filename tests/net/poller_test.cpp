#include "net/poller.hpp"

#include <array>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/socket.hpp"

namespace heliograph::net {
namespace {

class PollerTest : public testing::Test {
 protected:
  PollerTest() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    ours_ = FileDescriptor(fds[0]);
    theirs_ = FileDescriptor(fds[1]);
  }

  Poller poller_;
  FileDescriptor ours_;
  FileDescriptor theirs_;
};

TEST_F(PollerTest, TellsReadinessByTokenAsLongAsItLasts) {
  ASSERT_TRUE(poller_.add(ours_.get(), 0xfedcba9876543210, {.readable = true}));
  EXPECT_TRUE(poller_.wait(0).empty());
  ASSERT_TRUE(send(theirs_.get(), as_bytes("x")));
  for (int turn = 0; turn < 2; ++turn) {
    const auto ready = poller_.wait(0);
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(ready.front().token, 0xfedcba9876543210);
    EXPECT_TRUE(ready.front().readable);
    EXPECT_FALSE(ready.front().writable);
  }
}

TEST_F(PollerTest, InterestCanChangeAndEnd) {
  ASSERT_TRUE(poller_.add(ours_.get(), 1, {.readable = true, .writable = true}));
  ASSERT_EQ(poller_.wait(0).size(), 1U);
  EXPECT_TRUE(poller_.wait(0).front().writable);
  ASSERT_TRUE(poller_.modify(ours_.get(), 2, {.readable = true}));
  EXPECT_TRUE(poller_.wait(0).empty());
  ASSERT_TRUE(send(theirs_.get(), as_bytes("x")));
  EXPECT_EQ(poller_.wait(0).front().token, 2U);
  poller_.remove(ours_.get());
  EXPECT_TRUE(poller_.wait(0).empty());
}

TEST_F(PollerTest, AClosedPeerIsReadable) {
  ASSERT_TRUE(poller_.add(ours_.get(), 1, {.readable = true}));
  theirs_.reset();
  const auto ready = poller_.wait(kNever);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_TRUE(ready.front().readable);
}

TEST_F(PollerTest, RefusesADescriptorTwice) {
  ASSERT_TRUE(poller_.add(ours_.get(), 1, {.readable = true}));
  EXPECT_FALSE(poller_.add(ours_.get(), 2, {.readable = true}));
}

}  // namespace
}  // namespace heliograph::net
