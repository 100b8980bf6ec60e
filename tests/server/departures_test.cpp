#include "server/departures.hpp"

#include <numeric>

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kNow = 1'000'000;
constexpr std::size_t kLeast = Departures::kLeastPerSlice;
constexpr Milliseconds kSlice = Departures::kSlice;

std::vector<SlotId> clients(std::size_t count) {
  std::vector<SlotId> clients(count);
  std::iota(clients.begin(), clients.end(), SlotId{1});
  return clients;
}

TEST(Departures, NobodyIsLeftAtOnceIfNobodyIsThere) {
  Departures departures({}, kNow, 5'000);
  EXPECT_TRUE(departures.take(kNow).empty());
  EXPECT_EQ(departures.next(), kNever);
}

TEST(Departures, AFewGoAtOnce) {
  Departures departures(clients(kLeast), kNow, 5'000);
  EXPECT_EQ(departures.take(kNow).size(), kLeast);
  EXPECT_EQ(departures.next(), kNever);
}

TEST(Departures, OneMoreThanAFewGoesInTheNextSlice) {
  Departures departures(clients(kLeast + 1), kNow, 5'000);
  EXPECT_EQ(departures.take(kNow).size(), kLeast);
  EXPECT_EQ(departures.next(), kNow + kSlice);
  EXPECT_TRUE(departures.take(kNow + kSlice - 1).empty());
  EXPECT_EQ(departures.take(kNow + kSlice).front(), kLeast + 1);
  EXPECT_EQ(departures.next(), kNever);
}

TEST(Departures, ManyGoEvenlyEachOnceInOrderAndInTime) {
  Departures departures(clients(10'000), kNow, 5'000);
  std::vector<SlotId> gone;
  Milliseconds now = kNow;
  for (; now < kNow + 5'000; now += kSlice) {
    const auto slice = departures.take(now);
    EXPECT_LE(slice.size(), 200U);
    for (const SlotId id : slice) {
      EXPECT_EQ(departures.delay(gone.size()), now - kNow);
      gone.push_back(id);
    }
  }
  EXPECT_EQ(gone, clients(10'000));
  EXPECT_EQ(departures.next(), kNever);
}

TEST(Departures, WhoComesLateToTakeThemTakesAll) {
  Departures departures(clients(1'000), kNow, 5'000);
  EXPECT_EQ(departures.take(kNow + 60'000).size(), 1'000U);
  EXPECT_TRUE(departures.take(kNow + 60'000).empty());
}

TEST(Departures, WithoutTimeAllGoAtOnce) {
  Departures departures(clients(1'000), kNow, 0);
  EXPECT_EQ(departures.take(kNow).size(), 1'000U);
}

}  // namespace
}  // namespace heliograph::server
