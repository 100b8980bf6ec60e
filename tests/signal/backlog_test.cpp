#include "signal/backlog.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> send_all(Backlog& backlog) {
  std::vector<std::string> sent;
  while (const auto message = backlog.send_next()) sent.emplace_back(*message);
  return sent;
}

TEST(Backlog, WhatWaitsIsSentInOrderAndOnce) {
  Backlog backlog;
  EXPECT_TRUE(backlog.add_waiting({"1"}));
  EXPECT_TRUE(backlog.add_waiting({"2"}));
  EXPECT_THAT(send_all(backlog), ElementsAre("1", "2"));
  EXPECT_THAT(send_all(backlog), IsEmpty());
  EXPECT_EQ(backlog.sent(), 2U);
}

TEST(Backlog, AClientThatSaysHowManyItReceivedIsSentWhatFollows) {
  Backlog backlog;
  for (const char* message : {"1", "2", "3"}) backlog.add_sent({message});
  EXPECT_TRUE(backlog.add_waiting({"4"}));
  EXPECT_TRUE(backlog.rewind(2));
  EXPECT_THAT(send_all(backlog), ElementsAre("3", "4"));
  EXPECT_TRUE(backlog.rewind(2));
  EXPECT_THAT(send_all(backlog), ElementsAre("3", "4"));
}

TEST(Backlog, AClientThatDoesNotSayItIsSentWhatWasNeverSent) {
  Backlog backlog;
  backlog.add_sent({"1"});
  EXPECT_TRUE(backlog.add_waiting({"2"}));
  EXPECT_THAT(send_all(backlog), ElementsAre("2"));
}

TEST(Backlog, NobodyHasReceivedMoreThanWasSent) {
  Backlog backlog;
  backlog.add_sent({"1"});
  EXPECT_TRUE(backlog.add_waiting({"2"}));
  EXPECT_FALSE(backlog.rewind(2));
  EXPECT_TRUE(backlog.rewind(1));
}

TEST(Backlog, WhatHasArrivedIsForgotten) {
  Backlog backlog;
  for (const char* message : {"1", "2", "3"}) backlog.add_sent({message});
  backlog.arrived(2);
  EXPECT_EQ(backlog.kept(), 1U);
  EXPECT_FALSE(backlog.rewind(1));
  EXPECT_TRUE(backlog.rewind(2));
  EXPECT_THAT(send_all(backlog), ElementsAre("3"));
}

TEST(Backlog, WhatWaitsHasNotArrived) {
  Backlog backlog;
  EXPECT_TRUE(backlog.add_waiting({"1"}));
  backlog.arrived(5);
  EXPECT_THAT(send_all(backlog), ElementsAre("1"));
}

TEST(Backlog, SixtyFourMessagesWaitAndNotOneMore) {
  Backlog backlog;
  for (std::size_t i = 0; i < kMaxBacklogMessages; ++i) EXPECT_TRUE(backlog.add_waiting({"m"}));
  EXPECT_FALSE(backlog.add_waiting({"m"}));
}

TEST(Backlog, TwoHundredFiftySixKibibytesWaitAndNotOneByteMore) {
  const std::string half(kMaxBacklogBytes / 2, 'x');
  Backlog backlog;
  EXPECT_TRUE(backlog.add_waiting({half}));
  EXPECT_TRUE(backlog.add_waiting({half}));
  EXPECT_FALSE(backlog.add_waiting({"x"}));
}

TEST(Backlog, WhatWasSentMakesRoomForWhatWaits) {
  Backlog backlog;
  for (std::size_t i = 0; i < kMaxBacklogMessages; ++i) backlog.add_sent({"sent"});
  EXPECT_TRUE(backlog.rewind(0));
  EXPECT_EQ(send_all(backlog).size(), kMaxBacklogMessages);
  for (std::size_t i = 0; i < kMaxBacklogMessages; ++i) EXPECT_TRUE(backlog.add_waiting({"new"}));
  EXPECT_FALSE(backlog.rewind(kMaxBacklogMessages - 1));
  EXPECT_TRUE(backlog.rewind(kMaxBacklogMessages));
  EXPECT_EQ(send_all(backlog).size(), kMaxBacklogMessages);
}

TEST(Backlog, OfWhatWasSentTheOldestIsForgottenFirst) {
  Backlog backlog;
  for (std::size_t i = 0; i <= kMaxBacklogMessages; ++i) backlog.add_sent({std::to_string(i)});
  EXPECT_EQ(backlog.kept(), kMaxBacklogMessages);
  EXPECT_FALSE(backlog.rewind(0));
  EXPECT_TRUE(backlog.rewind(1));
  EXPECT_EQ(send_all(backlog).front(), "1");
}

TEST(Backlog, AClientCountsFromTheBeginning) {
  Backlog backlog;
  for (const char* message : {"1", "2", "3"}) backlog.add_sent({message});
  EXPECT_TRUE(backlog.add_waiting({"4"}));
  backlog.begin();
  EXPECT_EQ(backlog.kept(), 0U);
  EXPECT_THAT(send_all(backlog), IsEmpty());
  EXPECT_FALSE(backlog.rewind(1));
  EXPECT_TRUE(backlog.rewind(0));
  backlog.add_sent({"a"});
  backlog.add_sent({"b"});
  EXPECT_FALSE(backlog.rewind(3));
  EXPECT_FALSE(backlog.rewind(UINT64_MAX));
  EXPECT_TRUE(backlog.rewind(1));
  EXPECT_THAT(send_all(backlog), ElementsAre("b"));
}

TEST(Backlog, WhatIsHeardLateOfWhatWasSentBeforeTheBeginningMeansNothing) {
  Backlog backlog;
  for (const char* message : {"1", "2", "3"}) backlog.add_sent({message});
  const std::uint64_t old = backlog.sent();
  backlog.begin();
  for (const char* message : {"a", "b", "c", "d"}) backlog.add_sent({message});
  backlog.arrived(old);
  EXPECT_TRUE(backlog.rewind(0));
  EXPECT_THAT(send_all(backlog), ElementsAre("a", "b", "c", "d"));
  backlog.arrived(backlog.sent() - 1);
  EXPECT_FALSE(backlog.rewind(2));
  EXPECT_TRUE(backlog.rewind(3));
}

TEST(Backlog, AMessageThatIsTooLongToBeKeptIsSentAllTheSame) {
  Backlog backlog;
  backlog.add_sent({std::string(kMaxBacklogBytes + 1, 'x')});
  EXPECT_EQ(backlog.kept(), 0U);
  EXPECT_EQ(backlog.sent(), 1U);
  EXPECT_TRUE(backlog.rewind(1));
  EXPECT_FALSE(backlog.rewind(0));
}

}  // namespace
}  // namespace heliograph::signal
