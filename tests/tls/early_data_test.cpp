#include "tls/early_data.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::Octets;

TEST(ReplayGuard, KnowsWhatItHasSeenUntilItExpires) {
  MemoryReplayGuard guard(10);
  const Octets binder(32, 1);
  EXPECT_TRUE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 100, 100));
  EXPECT_TRUE(guard.first_use(binder, 101, 200));
  EXPECT_FALSE(guard.first_use(binder, 101, 200));
}

TEST(ReplayGuard, KeepsWhatIsSeenAgainForAsLongAsTheFirstTimeSaid) {
  MemoryReplayGuard guard(10);
  const Octets binder(32, 1);
  EXPECT_TRUE(guard.first_use(binder, 0, 100));
  EXPECT_FALSE(guard.first_use(binder, 50, 1000));
  EXPECT_TRUE(guard.first_use(binder, 101, 1000));
}

TEST(ReplayGuard, ExpiresInOrderOfTime) {
  MemoryReplayGuard guard(2);
  EXPECT_TRUE(guard.first_use(Octets(32, 1), 0, 200));
  EXPECT_TRUE(guard.first_use(Octets(32, 2), 0, 100));
  EXPECT_FALSE(guard.first_use(Octets(32, 3), 100, 300));
  EXPECT_TRUE(guard.first_use(Octets(32, 3), 101, 300));
  EXPECT_FALSE(guard.first_use(Octets(32, 1), 200, 300));
}

TEST(ReplayGuard, TellsBindersApartByTheirBeginning) {
  MemoryReplayGuard guard(10);
  Octets one(48, 1);
  Octets other = one;
  other[15] ^= 1;
  EXPECT_TRUE(guard.first_use(one, 0, 100));
  EXPECT_TRUE(guard.first_use(other, 0, 100));
  EXPECT_FALSE(guard.first_use(Bytes(one).first(32), 0, 100));
}

TEST(ReplayGuard, WithoutRoomTakesNoEarlyDataAtAll) {
  MemoryReplayGuard guard(0);
  EXPECT_FALSE(guard.first_use(Octets(32, 1), 0, 100));
}

}  // namespace
}  // namespace heliograph::tls
