#include "server/login_time.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kNow = 5'000;
constexpr Milliseconds kTime = 10'000;

TEST(LoginTime, HasNoEndBeforeItBegins) {
  EXPECT_EQ(LoginTime().until(), kNever);
}

TEST(LoginTime, EndsWhenNothingIsTried) {
  LoginTime time;
  time.begin(kNow, kTime);
  EXPECT_EQ(time.until(), kNow + kTime);
}

TEST(LoginTime, ATryThatIsHeldShortlyChangesNothing) {
  LoginTime time;
  time.begin(kNow, kTime);
  time.held_until(kNow);
  EXPECT_EQ(time.until(), kNow + kTime);
}

TEST(LoginTime, ATryThatIsHeldForLongestInTheLastMomentHasTimeForAnotherBehindIt) {
  LoginTime time;
  time.begin(kNow, kTime);
  const Milliseconds held_until = kNow + kTime + signal::kMaxDelay;
  time.held_until(held_until);
  EXPECT_EQ(time.until(), held_until + kHeliographLoginTime);
}

TEST(LoginTime, TriesThatAreHeldPutItOffNoFurther) {
  LoginTime time;
  time.begin(kNow, kTime);
  for (Milliseconds now = kNow; now < kNow + 100 * kTime; now += kTime) time.held_until(now);
  EXPECT_EQ(time.until(), kNow + kTime + kMaxLoginTimePutOff);
}

TEST(LoginTime, BeginsAnewAfterALogout) {
  LoginTime time;
  time.begin(kNow, kTime);
  for (Milliseconds now = kNow; now < kNow + 100 * kTime; now += kTime) time.held_until(now);
  time.over();
  EXPECT_EQ(time.until(), kNever);
  time.held_until(kNow + 200 * kTime);
  EXPECT_EQ(time.until(), kNever);
  time.begin(kNow + 300 * kTime, kTime);
  EXPECT_EQ(time.until(), kNow + 301 * kTime);
}

}  // namespace
}  // namespace heliograph::server
