#include "tls/early_data.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::Octets;

// When the guards of these tests began.
constexpr std::int64_t kLongAgo = -1'000'000;

TEST(ReplayGuard, KnowsWhatItHasSeenUntilItExpires) {
  MemoryReplayGuard guard(10, kLongAgo);
  const Octets binder(32, 1);
  EXPECT_TRUE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 100, 100));
  EXPECT_TRUE(guard.first_use(binder, 101, 200));
  EXPECT_FALSE(guard.first_use(binder, 101, 200));
}

TEST(ReplayGuard, KeepsWhatIsSeenAgainForAsLongAsTheFirstTimeSaid) {
  MemoryReplayGuard guard(10, kLongAgo);
  const Octets binder(32, 1);
  EXPECT_TRUE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 50, 1000));
  EXPECT_TRUE(guard.first_use(binder, 101, 1000));
}

TEST(ReplayGuard, ExpiresInOrderOfTime) {
  MemoryReplayGuard guard(2, kLongAgo);
  EXPECT_TRUE(guard.first_use(Octets(32, 1), 0, 200));
  EXPECT_TRUE(guard.first_use(Octets(32, 2), 0, 100));
  EXPECT_FALSE(guard.first_use(Octets(32, 3), 100, 300));
  EXPECT_TRUE(guard.first_use(Octets(32, 3), 101, 300));
  EXPECT_FALSE(guard.first_use(Octets(32, 1), 200, 300));
}

TEST(ReplayGuard, TellsBindersApartByTheirBeginning) {
  MemoryReplayGuard guard(10, kLongAgo);
  Octets one(48, 1);
  Octets other = one;
  other[15] ^= 1;
  EXPECT_TRUE(guard.first_use(one, 0, 100));
  EXPECT_TRUE(guard.first_use(other, 0, 100));
  EXPECT_FALSE(guard.first_use(Bytes(one).first(32), 0, 100));
}

TEST(ReplayGuard, WithoutRoomTakesNoEarlyDataAtAll) {
  MemoryReplayGuard guard(0, kLongAgo);
  EXPECT_FALSE(guard.first_use(Octets(32, 1), 0, 100));
}

TEST(ReplayGuard, RefusesWhatMayHaveBeenSeenBeforeItBegan) {
  MemoryReplayGuard guard(10, 1'000'000);
  const Octets binder(32, 1);
  EXPECT_FALSE(guard.first_use(binder, 1'000'000, 9'000'000));
  EXPECT_FALSE(guard.first_use(binder, 1'000'000 + 2 * kMaxTicketAgeSkew, 9'000'000));
  EXPECT_TRUE(guard.first_use(binder, 1'000'001 + 2 * kMaxTicketAgeSkew, 9'000'000));
}

TEST(ReplayGuard, IsNotTurnedBackByAConnectionThatBeganEarlier) {
  MemoryReplayGuard guard(10, kLongAgo);
  const Octets binder(32, 1);
  EXPECT_TRUE(guard.first_use(binder, 90, 100));
  // Another connection is later than the expiry, and the entry is forgotten.
  EXPECT_TRUE(guard.first_use(Octets(32, 2), 150, 200));
  EXPECT_FALSE(guard.first_use(binder, 95, 100));
}

}  // namespace
}  // namespace heliograph::tls
