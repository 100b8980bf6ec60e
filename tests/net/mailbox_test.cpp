#include "net/mailbox.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "net/poller.hpp"

namespace heliograph::net {
namespace {

TEST(Mailbox, WakesTheReceiverAndKeepsTheOrder) {
  Mailbox<int> mailbox;
  Poller poller;
  ASSERT_TRUE(poller.add(mailbox.fd(), 7, {.readable = true}));
  EXPECT_TRUE(poller.wait(0).empty());
  mailbox.post(1);
  mailbox.post(2);
  const auto ready = poller.wait(kNever);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready.front().token, 7U);
  std::vector<int> letters;
  mailbox.take(letters);
  EXPECT_EQ(letters, (std::vector<int>{1, 2}));
  EXPECT_TRUE(poller.wait(0).empty());
}

TEST(Mailbox, NoLetterIsLostBetweenThreads) {
  constexpr int kSenders = 3;
  constexpr int kLetters = 5000;
  Mailbox<std::pair<int, int>> mailbox;
  std::vector<std::jthread> senders;
  senders.reserve(kSenders);
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&mailbox, sender] {
      for (int i = 0; i < kLetters; ++i) mailbox.post({sender, i});
    });
  }
  Poller poller;
  ASSERT_TRUE(poller.add(mailbox.fd(), 0, {.readable = true}));
  std::vector<int> next(kSenders, 0);
  std::vector<std::pair<int, int>> letters;
  for (int received = 0; received < kSenders * kLetters;) {
    poller.wait(kNever);
    letters.clear();
    mailbox.take(letters);
    for (const auto& [sender, number] : letters) {
      EXPECT_EQ(number, next[static_cast<std::size_t>(sender)]++);
      ++received;
    }
  }
}

}  // namespace
}  // namespace heliograph::net
