#include "server/pulse.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kInterval = 500;

TEST(Pulse, NobodyIsAskedWhenNobodyWantsToKnow) {
  Pulse pulse(2, kNever);
  EXPECT_EQ(pulse.deadline(), kNever);
  EXPECT_FALSE(pulse.take_question(0, 1'000'000));
}

TEST(Pulse, AWorkerIsAskedAgainOnceItHasAnsweredAndTimeHasPassed) {
  Pulse pulse(1, kInterval);
  EXPECT_LE(pulse.deadline(), 100U);
  EXPECT_TRUE(pulse.take_question(0, 100));
  EXPECT_EQ(pulse.deadline(), kNever);
  EXPECT_FALSE(pulse.take_question(0, 100 + kInterval));
  EXPECT_TRUE(pulse.answered(0));
  EXPECT_EQ(pulse.deadline(), 100 + kInterval);
  EXPECT_FALSE(pulse.take_question(0, 100 + kInterval - 1));
  EXPECT_TRUE(pulse.take_question(0, 100 + kInterval));
}

TEST(Pulse, ItBeatsOnlyWhenEveryWorkerHasAnswered) {
  Pulse pulse(3, kInterval);
  for (std::size_t worker = 0; worker < 3; ++worker) EXPECT_TRUE(pulse.take_question(worker, 0));
  EXPECT_FALSE(pulse.answered(2));
  EXPECT_TRUE(pulse.take_question(2, kInterval));
  EXPECT_FALSE(pulse.answered(2));  // one worker cannot answer for another
  EXPECT_FALSE(pulse.answered(0));
  EXPECT_TRUE(pulse.answered(1));
}

TEST(Pulse, AnAnswerCountsForOneBeat) {
  Pulse pulse(2, kInterval);
  EXPECT_FALSE(pulse.answered(0));
  EXPECT_TRUE(pulse.answered(1));
  EXPECT_FALSE(pulse.answered(1));
  EXPECT_TRUE(pulse.answered(0));
}

TEST(Pulse, AWorkerThatHangsIsSilentAndNotAskedAgain) {
  Pulse pulse(2, kInterval);
  EXPECT_TRUE(pulse.take_question(0, 1'000));
  EXPECT_TRUE(pulse.take_question(1, 1'000));
  EXPECT_EQ(pulse.silence(1, 1'000), 0U);
  pulse.answered(0);
  for (Milliseconds now = 1'500; now <= 10'000; now += 500) {
    EXPECT_TRUE(pulse.take_question(0, now));
    EXPECT_FALSE(pulse.answered(0));
    EXPECT_FALSE(pulse.take_question(1, now));
    EXPECT_EQ(pulse.silence(0, now), 0U);
    EXPECT_EQ(pulse.silence(1, now), now - 1'000);
  }
  EXPECT_TRUE(pulse.answered(1));  // it was only slow
  EXPECT_EQ(pulse.silence(1, 20'000), 0U);
}

}  // namespace
}  // namespace heliograph::server
