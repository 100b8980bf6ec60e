#include "server/health.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

constexpr Milliseconds kStart = 1'000'000;

struct Fixture {
  explicit Fixture(bool needs_redis) : health(pulse, needs_redis) {
    EXPECT_TRUE(pulse.take_question(0, kStart));
    EXPECT_TRUE(pulse.take_question(1, kStart));
  }
  [[nodiscard]] Health::Verdict at(Milliseconds now) const {
    const std::vector<const Metrics*> workers = {&one, &two};
    return health.judge(workers, now);
  }
  void answer() {
    pulse.answered(0);
    pulse.answered(1);
  }
  void hear_redis(Milliseconds now) {
    for (Metrics* worker : {&one, &two}) {
      worker->redis_up.set(1);
      worker->redis_heard_at.set(now);
    }
  }

  Metrics one;
  Metrics two;
  Pulse pulse{2, 1000};
  Health health;
};

TEST(Health, AWorkerThatAnswersIsReady) {
  Fixture fixture(false);
  EXPECT_TRUE(fixture.at(kStart).ready());
  fixture.answer();
  EXPECT_TRUE(fixture.at(kStart + kWorkerHangs).ready());
}

TEST(Health, AWorkerThatDoesNotAnswerIsFirstNotReadyThenNotLive) {
  Fixture fixture(false);
  fixture.pulse.answered(0);
  EXPECT_TRUE(fixture.at(kStart + kWorkerPatience - 1).ready());
  const auto late = fixture.at(kStart + kWorkerPatience);
  EXPECT_EQ(late.not_ready, std::vector<std::string>{"worker 1 does not answer"});
  EXPECT_TRUE(late.live);
  EXPECT_TRUE(fixture.at(kStart + kWorkerHangs - 1).live);
  EXPECT_FALSE(fixture.at(kStart + kWorkerHangs).live);
  fixture.answer();
  EXPECT_TRUE(fixture.at(kStart + kWorkerHangs).live);
}

TEST(Health, RedisMustBeUpAndHeardAtEveryWorker) {
  Fixture fixture(true);
  fixture.answer();
  EXPECT_EQ(fixture.at(kStart).not_ready.size(), 2U);  // never heard
  fixture.hear_redis(kStart);
  EXPECT_TRUE(fixture.at(kStart + kRedisPatience - 1).ready());
  EXPECT_EQ(fixture.at(kStart + kRedisPatience).not_ready.size(), 2U);
  fixture.two.redis_up.set(0);
  EXPECT_EQ(fixture.at(kStart).not_ready, std::vector<std::string>{"worker 1 cannot ask Redis"});
  EXPECT_TRUE(fixture.at(kStart).live);
}

TEST(Health, WhoDrainsLivesAndIsNotReady) {
  Fixture fixture(false);
  fixture.health.drain();
  const auto verdict = fixture.at(kStart + kWorkerHangs);
  EXPECT_TRUE(verdict.live);
  EXPECT_EQ(verdict.not_ready, std::vector<std::string>{"the server is draining"});
}

}  // namespace
}  // namespace heliograph::server
