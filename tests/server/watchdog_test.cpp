#include "server/watchdog.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kPatience = 1000;

TEST(Watchdog, WithoutOneNothingIsToBeDone) {
  Watchdog watchdog(0, 2, 0);
  EXPECT_EQ(watchdog.deadline(), kNever);
  EXPECT_EQ(watchdog.begin(1'000'000), std::nullopt);
}

TEST(Watchdog, AsksEveryHalfOfTheManagersPatience) {
  Watchdog watchdog(kPatience, 1, 100);
  EXPECT_EQ(watchdog.deadline(), 100U);
  const auto first = watchdog.begin(100);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(watchdog.answered(0, *first));
  EXPECT_EQ(watchdog.deadline(), 600U);
  EXPECT_EQ(watchdog.begin(599), std::nullopt);
  const auto second = watchdog.begin(600);
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(*second, *first);
}

TEST(Watchdog, TellsOnlyWhenEveryWorkerHasAnswered) {
  Watchdog watchdog(kPatience, 3, 0);
  const auto round = watchdog.begin(0).value();
  EXPECT_FALSE(watchdog.answered(2, round));
  EXPECT_FALSE(watchdog.answered(2, round));  // one worker cannot answer for another
  EXPECT_FALSE(watchdog.answered(0, round));
  EXPECT_TRUE(watchdog.answered(1, round));
}

TEST(Watchdog, AWorkerThatHangsIsNotReportedAliveAndIsNotAskedAgain) {
  Watchdog watchdog(kPatience, 2, 0);
  const auto round = watchdog.begin(0).value();
  EXPECT_FALSE(watchdog.answered(0, round));
  for (Milliseconds now = 500; now <= 10 * kPatience; now += 500) {
    EXPECT_EQ(watchdog.begin(now), std::nullopt);
    EXPECT_FALSE(watchdog.answered(0, round));
  }
  EXPECT_TRUE(watchdog.answered(1, round));  // it was only slow
  EXPECT_TRUE(watchdog.begin(11 * kPatience).has_value());
}

TEST(Watchdog, AnAnswerOfAnEarlierRoundDoesNotCount) {
  Watchdog watchdog(kPatience, 1, 0);
  const auto first = watchdog.begin(0).value();
  EXPECT_TRUE(watchdog.answered(0, first));
  EXPECT_FALSE(watchdog.answered(0, first));
  const auto second = watchdog.begin(500).value();
  EXPECT_FALSE(watchdog.answered(0, first));
  EXPECT_TRUE(watchdog.answered(0, second));
}

}  // namespace
}  // namespace heliograph::server
