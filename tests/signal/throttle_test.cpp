#include "signal/throttle.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;

AddressKey ipv4(std::uint8_t last) {
  return AddressKey(std::array<std::uint8_t, 4>{192, 0, 2, last});
}

AddressKey ipv6(std::uint8_t network, std::uint8_t interface) {
  return AddressKey(std::array<std::uint8_t, 16>{0x20, 1, 0xd, 0xb8, 0, 0, 0, network, 0, 0, 0, 0,
                                                 0, 0, 0, interface});
}

std::string session(std::size_t number) {
  return kSessionMark + std::to_string(number);
}

// Attempts that all fail, each made when the one before it has failed.
std::vector<Milliseconds> guess(Throttle& throttle, const AddressKey& address,
                                const std::string& name, int attempts, Milliseconds& now) {
  std::vector<Milliseconds> delays;
  for (int i = 0; i < attempts; ++i) {
    delays.push_back(throttle.attempt(address, name, now).value());
    now += delays.back();
    throttle.failed(address, now);
  }
  return delays;
}

TEST(Throttle, DoublesTheDelayWithEachFailureUpToItsMaximum) {
  Throttle throttle;
  Milliseconds now = 1'000;
  EXPECT_THAT(
      guess(throttle, ipv4(1), "alice", 12, now),
      ElementsAre(0, 100, 200, 400, 800, 1'600, 3'200, 6'400, 12'800, 25'000, 25'000, 25'000));
}

TEST(Throttle, TimeThatHasPassedCounts) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "alice", 4, now);
  now += 500;
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", now), 300U);
}

TEST(Throttle, ASuccessForgetsTheFailures) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "alice", 5, now);
  throttle.succeeded(ipv4(1), "alice");
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", now), 0U);
}

TEST(Throttle, TheOwnerIsNotLockedOutFromElsewhere) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "alice", 10, now);
  EXPECT_EQ(throttle.attempt(ipv4(2), "alice", now), 0U);
}

TEST(Throttle, AttemptsAtOnceWaitForEachOtherAndAreRefusedBeyondTheMaximum) {
  Throttle throttle;
  std::vector<Milliseconds> starts;
  for (int i = 0; i < 8; ++i) starts.push_back(throttle.attempt(ipv4(1), "alice", 0).value());
  EXPECT_THAT(starts, ElementsAre(0, 100, 300, 700, 1'500, 3'100, 6'300, 12'700));
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", 499), std::nullopt);
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", 500), 25'000U);
}

TEST(Throttle, AnAddressMayFailForManyNamesButNotWithoutEnd) {
  Throttle throttle;
  Milliseconds now = 1'000;
  for (std::uint32_t i = 0; i < kFreeFailuresPerAddress; ++i) {
    EXPECT_EQ(throttle.attempt(ipv4(1), "user" + std::to_string(i), now), 0U);
    throttle.failed(ipv4(1), now);
  }
  EXPECT_EQ(throttle.attempt(ipv4(1), "next", now), 0U);
  throttle.failed(ipv4(1), now);
  EXPECT_EQ(throttle.attempt(ipv4(1), "after", now), 100U);
  throttle.failed(ipv4(1), now);
  EXPECT_EQ(throttle.attempt(ipv4(1), "later", now), 200U);
  EXPECT_EQ(throttle.attempt(ipv4(2), "later", now), 0U);
}

TEST(Throttle, AttemptsAtOnceUnderManyNamesWaitForEachOtherOnceTheAddressHasFailedOften) {
  Throttle throttle;
  for (std::uint32_t i = 0; i <= kFreeFailuresPerAddress; ++i) throttle.failed(ipv4(1), 0);
  EXPECT_EQ(throttle.attempt(ipv4(1), "one", 0), 100U);
  EXPECT_EQ(throttle.attempt(ipv4(1), "two", 0), 200U);
  EXPECT_EQ(throttle.attempt(ipv4(1), "three", 0), 300U);
}

TEST(Throttle, FailuresOfAnAddressAreHalvedEachMinute) {
  Throttle hot;
  Throttle cooled;
  for (std::uint32_t i = 0; i < 2 * kFreeFailuresPerAddress; ++i) {
    hot.failed(ipv4(1), 0);
    cooled.failed(ipv4(1), 0);
  }
  hot.failed(ipv4(1), kThrottleHalfLife - 1);
  EXPECT_EQ(hot.attempt(ipv4(1), "alice", kThrottleHalfLife - 1), kMaxDelay);
  cooled.failed(ipv4(1), kThrottleHalfLife);
  EXPECT_EQ(cooled.attempt(ipv4(1), "alice", kThrottleHalfLife), kFirstDelay);
}

TEST(Throttle, WhatCouldNotBeCheckedCountsAsNotAttempted) {
  Throttle throttle;
  for (int i = 0; i < 50; ++i) {
    throttle.attempt(ipv4(1), "alice", 1'000);
    throttle.forgive(ipv4(1), "alice");
  }
  EXPECT_LE(throttle.attempt(ipv4(1), "alice", 1'000).value_or(kMaxDelay), 50 * kFirstDelay);
}

TEST(Throttle, Slash64OfIpv6IsOneAddress) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv6(1, 1), "alice", 3, now);
  EXPECT_EQ(throttle.attempt(ipv6(1, 2), "alice", now), 400U);
  EXPECT_EQ(throttle.attempt(ipv6(2, 1), "alice", now), 0U);
}

TEST(Throttle, AMappedIpv4AddressIsThatAddress) {
  const std::array<std::uint8_t, 16> mapped = {0, 0, 0,    0,    0,   0, 0, 0,
                                               0, 0, 0xff, 0xff, 192, 0, 2, 1};
  EXPECT_EQ(AddressKey(mapped).text(), ipv4(1).text());
  EXPECT_NE(AddressKey(mapped).text(), ipv4(2).text());
  EXPECT_EQ(AddressKey(Bytes{}).text(), "");
}

TEST(Throttle, ForgetsAfterHalfAnHour) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "alice", 12, now);
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", now + kThrottleMemory + 1), 0U);
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", now + kThrottleMemory + 1), 100U);
}

TEST(Throttle, HoldsAsManyCountersAsTheLimitAndForgetsTheOldest) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "first", 2, now);
  guess(throttle, ipv4(1), "used", 2, now);
  for (std::size_t i = 0; i < kMaxThrottleEntries; ++i) {
    throttle.attempt(ipv4(2), "user" + std::to_string(i), now);
    if (i % 1'000 == 0) throttle.attempt(ipv4(1), "used", now);
  }
  EXPECT_EQ(throttle.size(), kMaxThrottleEntries + 1);  // and the address
  EXPECT_EQ(throttle.attempt(ipv4(1), "first", now), 0U);
  EXPECT_GT(throttle.attempt(ipv4(1), "used", now).value_or(kMaxDelay), 0U);
}

TEST(Throttle, AttemptsOfAnAddressDoNotMakeTheFailuresOfAnotherForgotten) {
  Throttle throttle;
  for (std::uint32_t i = 0; i <= kFreeFailuresPerAddress; ++i) throttle.failed(ipv4(1), 0);
  for (std::size_t i = 0; i < kMaxThrottleEntries; ++i) {
    throttle.attempt(ipv4(2), "user" + std::to_string(i), 0);
    throttle.attempt(ipv4(2), session(i), 0);
  }
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", 0), kFirstDelay);
}

TEST(Throttle, AttemptsAtSessionsDoNotMakeThoseAtNamesForgotten) {
  Throttle throttle;
  Milliseconds now = 1'000;
  guess(throttle, ipv4(1), "alice", 2, now);
  for (std::size_t i = 0; i <= kMaxThrottleEntries; ++i) {
    throttle.attempt(ipv4(2), session(i), now);
  }
  EXPECT_EQ(throttle.size(), kMaxThrottleEntries + 2);
  EXPECT_EQ(throttle.attempt(ipv4(1), "alice", now), 2 * kFirstDelay);
}

TEST(Throttle, AttemptsAtOneSessionWaitForEachOtherUntilOneSucceeds) {
  Throttle throttle;
  EXPECT_EQ(throttle.attempt(ipv4(1), session(1), 0), 0U);
  EXPECT_EQ(throttle.attempt(ipv4(1), session(1), 0), kFirstDelay);
  EXPECT_EQ(throttle.attempt(ipv4(1), session(2), 0), 0U);
  throttle.succeeded(ipv4(1), session(1));
  EXPECT_EQ(throttle.attempt(ipv4(1), session(1), 0), 0U);
}

TEST(Throttle, AnAttemptThatIsRefusedTakesNoPlace) {
  Throttle throttle;
  for (std::uint32_t i = 0; i < kFreeFailuresPerAddress + 10; ++i) throttle.failed(ipv4(1), 0);
  EXPECT_EQ(throttle.attempt(ipv4(1), "one", 0), kMaxDelay);
  const std::size_t size = throttle.size();
  EXPECT_EQ(throttle.attempt(ipv4(1), "two", 0), std::nullopt);
  EXPECT_EQ(throttle.size(), size);
}

}  // namespace
}  // namespace heliograph::signal
