#include "server/token_bucket.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kNow = 1'000'000;

TEST(TokenBucket, AFullOneHoldsTwoSecondsWorthAndNotOneMore) {
  TokenBucket bucket;
  for (int i = 0; i < 2 * 50; ++i) {
    EXPECT_LE(bucket.ready_at(), kNow) << i;
    bucket.take(1, 50, kNow);
  }
  EXPECT_GT(bucket.ready_at(), kNow);
}

TEST(TokenBucket, AnEmptyOneFillsAtItsRate) {
  TokenBucket bucket;
  bucket.take(100, 50, kNow);
  EXPECT_GT(bucket.ready_at(), kNow);
  EXPECT_LE(bucket.ready_at(), kNow + 20);
  bucket.take(1, 50, kNow);
  EXPECT_GT(bucket.ready_at(), kNow + 20);
  EXPECT_LE(bucket.ready_at(), kNow + 21);
}

TEST(TokenBucket, MoreThanThereIsMayBeTakenAndIsWaitedFor) {
  TokenBucket bucket;
  bucket.take(64 * 1024, 1024, kNow);  // 62 seconds more than it holds
  EXPECT_GT(bucket.ready_at(), kNow + 61'999);
  EXPECT_LE(bucket.ready_at(), kNow + 62'001);
}

TEST(TokenBucket, ItNeverHoldsMoreThanItsBurst) {
  TokenBucket bucket;
  bucket.take(1, 50, kNow);
  constexpr Milliseconds kLater = kNow + 3'600'000;
  bucket.take(2 * 50, 50, kLater);
  EXPECT_GT(bucket.ready_at(), kLater);
}

TEST(TokenBucket, ByteByByteIsTheSame) {
  TokenBucket whole;
  TokenBucket pieces;
  whole.take(10'000, 1'000'000, kNow);
  for (int i = 0; i < 10'000; ++i) pieces.take(1, 1'000'000, kNow);
  EXPECT_EQ(whole.ready_at(), pieces.ready_at());
}

}  // namespace
}  // namespace heliograph::server
