#include "server/work_pool.hpp"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

TEST(WorkPool, RunsEveryJobThatItTook) {
  std::atomic<int> ran = 0;
  std::latch all(100);
  WorkPool pool(3, 100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(pool.submit([&] {
      ++ran;
      all.count_down();
    }));
  }
  all.wait();
  EXPECT_EQ(ran, 100);
}

TEST(WorkPool, RefusesOneMoreThanItsQueueHolds) {
  std::latch started(1);
  std::latch release(1);
  WorkPool pool(1, 2);
  ASSERT_TRUE(pool.submit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();  // the job has left the queue
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  release.count_down();
}

TEST(WorkPool, IsAtLeisureWhenNobodyWaits) {
  std::latch started(1);
  std::latch release(1);
  WorkPool pool(1, 2);
  EXPECT_TRUE(pool.at_leisure());
  ASSERT_TRUE(pool.submit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  EXPECT_TRUE(pool.at_leisure());
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.at_leisure());
  release.count_down();
}

}  // namespace
}  // namespace heliograph::server
