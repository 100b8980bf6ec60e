#include "net/timer_wheel.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace heliograph::net {
namespace {

using Tokens = std::vector<TimerWheel::Token>;

Tokens advance(TimerWheel& wheel, Milliseconds now) {
  Tokens due;
  wheel.advance(now, due);
  return due;
}

TEST(TimerWheel, AnEmptyOneWantsNothing) {
  TimerWheel wheel(12345);
  EXPECT_EQ(wheel.next(), kNever);
  EXPECT_TRUE(advance(wheel, 1'000'000'000).empty());
}

TEST(TimerWheel, FiresOnceAndNeverEarly) {
  TimerWheel wheel(1000);
  wheel.schedule(1, 1100);
  EXPECT_TRUE(advance(wheel, 1099).empty());
  EXPECT_EQ(advance(wheel, 1100 + TimerWheel::kTick), Tokens{1});
  EXPECT_TRUE(advance(wheel, 5000).empty());
}

TEST(TimerWheel, ADeadlineThatHasPassedFiresInTheNextSlot) {
  TimerWheel wheel(1000);
  wheel.schedule(1, 10);
  EXPECT_EQ(advance(wheel, 1000 + TimerWheel::kTick), Tokens{1});
}

TEST(TimerWheel, NextIsWhenSomethingFires) {
  TimerWheel wheel(0);
  wheel.schedule(1, 5000);
  const Milliseconds next = wheel.next();
  EXPECT_GE(next, 5000U);
  EXPECT_LE(next, 5000 + TimerWheel::kTick);
  EXPECT_EQ(advance(wheel, next), Tokens{1});
  EXPECT_EQ(wheel.next(), kNever);
}

TEST(TimerWheel, BeyondTheHorizonFiresAtTheHorizonToAskAgain) {
  TimerWheel wheel(0);
  wheel.schedule(1, TimerWheel::kHorizon * 10);
  EXPECT_TRUE(advance(wheel, TimerWheel::kHorizon - 1).empty());
  EXPECT_EQ(advance(wheel, TimerWheel::kHorizon), Tokens{1});
}

TEST(TimerWheel, ALongSleepFiresEverythingOnce) {
  TimerWheel wheel(0);
  for (TimerWheel::Token token = 0; token < 500; ++token) wheel.schedule(token, token * 60);
  EXPECT_EQ(advance(wheel, TimerWheel::kHorizon * 100).size(), 500U);
  EXPECT_EQ(wheel.next(), kNever);
  wheel.schedule(1, TimerWheel::kHorizon * 100 + 50);
  EXPECT_EQ(advance(wheel, TimerWheel::kHorizon * 100 + 200), Tokens{1});
}

TEST(TimerWheel, RandomSchedulesFireOnTimeAndOnce) {
  std::mt19937 random(1);
  TimerWheel wheel(0);
  std::map<TimerWheel::Token, Milliseconds> deadlines;
  TimerWheel::Token token = 0;
  for (Milliseconds now = 0; now < 200'000; now += random() % 100) {
    for (const TimerWheel::Token fired : advance(wheel, now)) {
      ASSERT_TRUE(deadlines.contains(fired));
      EXPECT_LE(deadlines[fired], now);
      deadlines.erase(fired);
    }
    for (const auto& [waiting, deadline] : deadlines) {
      EXPECT_GT(deadline + TimerWheel::kTick, now) << waiting;
      EXPECT_GE(deadline + TimerWheel::kTick, wheel.next()) << waiting;
    }
    if (random() % 8 != 0) continue;
    deadlines[token] = now + 1 + random() % 20'000;
    wheel.schedule(token, deadlines[token]);
    ++token;
  }
  EXPECT_GT(token, 100U);
}

TEST(TimerWheel, SleepingUntilNextEmptiesTheWheel) {
  std::mt19937 random(2);
  TimerWheel wheel(777);
  for (TimerWheel::Token token = 0; token < 300; ++token) {
    wheel.schedule(token, 777 + random() % TimerWheel::kHorizon);
  }
  std::size_t fired = 0;
  while (wheel.next() != kNever) {
    const std::size_t count = advance(wheel, wheel.next()).size();
    EXPECT_GT(count, 0U);
    fired += count;
  }
  EXPECT_EQ(fired, 300U);
}

}  // namespace
}  // namespace heliograph::net
