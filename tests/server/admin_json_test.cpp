#include "server/admin_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

using ::testing::HasSubstr;

TEST(AdminJson, UsersAreQuotedAndTheirTimesAreUtc) {
  const std::vector<ListedUser> users = {
      {.name = "a\"\n", .since = 1'796'022'000'999, .address = "192.0.2.1"}};
  EXPECT_EQ(users_json(users, false),
            R"({"users":[{"name":"a\"\n","since":"2026-11-30T07:00:00Z","address":"192.0.2.1"}],)"
            "\"next\":null}\n");
  EXPECT_THAT(users_json(users, true), HasSubstr(R"("next":"a\"\n"})"));
  EXPECT_EQ(users_json({}, false), "{\"users\":[],\"next\":null}\n");
}

TEST(AdminJson, StatusAddsUpTheWorkersAndSaysWhatRedisDoes) {
  Metrics one;
  Metrics two;
  one.connections.set(3);
  two.connections.set(4);
  two.loop_turn.observe_nanoseconds(1);
  const std::vector<const Metrics*> workers = {&one, &two};
  const MetricSources sources = {
      .workers = workers, .process = {}, .now = 5000, .uses_redis = true};
  const Pulse pulse(2, kNever);
  EXPECT_THAT(status_json(sources, Health(pulse, false)), HasSubstr("\"redis\":null"));
  EXPECT_THAT(status_json(sources, Health(pulse, false)), HasSubstr("\"connections\":7"));
  EXPECT_THAT(status_json(sources, Health(pulse, false)), HasSubstr("\"turn_times\":[1,0,"));
  EXPECT_THAT(status_json(sources, Health(pulse, true)),
              HasSubstr(R"("redis":{"up":false,"heard":null,"errors":0})"));
  for (Metrics* worker : {&one, &two}) {
    worker->redis_up.set(1);
    worker->redis_heard_at.set(3500);
  }
  EXPECT_THAT(status_json(sources, Health(pulse, true)),
              HasSubstr(R"("redis":{"up":true,"heard":1.5,"errors":0})"));
}

}  // namespace
}  // namespace heliograph::server
