#include "server/exposition.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/metric_table.hpp"

namespace heliograph::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Node {
  Metrics one;
  Metrics two;

  [[nodiscard]] std::string expose(bool uses_redis = true) const {
    const std::vector<const Metrics*> workers = {&one, &two};
    return server::expose({.workers = workers, .process = {}, .now = 0, .uses_redis = uses_redis});
  }
};

TEST(Exposition, AddsUpWhatTheWorkersCounted) {
  Node node;
  node.one.logins[LoginResult::kWrong].add(2);
  node.two.logins[LoginResult::kWrong].add(40);
  node.two.connections.set(7);
  EXPECT_THAT(node.expose(), HasSubstr("# HELP heliograph_logins_total Logins, by their outcome\n"
                                       "# TYPE heliograph_logins_total counter\n"
                                       "heliograph_logins_total{result=\"ok\"} 0\n"));
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_logins_total{result=\"wrong\"} 42\n"));
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_connections 7\n"));
}

TEST(Exposition, TheLastLabelChangesFirst) {
  Node node;
  node.one.tls_handshakes[handshake_kind(tls::NamedGroup::kSecp384r1, true)].add(3);
  node.one.tls_handshakes[handshake_kind(tls::NamedGroup::kX25519, false)].add(5);
  node.one.tls_handshakes_failed.add(9);
  const std::string text = node.expose();
  const std::string head = "\nheliograph_tls_handshakes_total{version=\"1.3\",result=\"ok\",group=";
  EXPECT_THAT(text, HasSubstr(head + "\"secp384r1\",resumed=\"yes\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(head + "\"secp384r1\",resumed=\"no\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(head + "\"x25519\",resumed=\"no\"} 5\n"));
  EXPECT_THAT(text,
              HasSubstr("{version=\"none\",result=\"failed\",group=\"none\",resumed=\"no\"} 9\n"));
}

TEST(Exposition, BucketsAreCumulativeAndEndWithAll) {
  Node node;
  node.one.loop_turn.observe_nanoseconds(10'000);  // at a bound
  node.one.loop_turn.observe_nanoseconds(10'001);  // past it
  node.two.loop_turn.observe_nanoseconds(11'000'000'000);
  const std::string text = node.expose();
  const std::string head = "\nheliograph_loop_turn_seconds";
  EXPECT_THAT(text, HasSubstr(head + "_bucket{le=\"1e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(head + "_bucket{le=\"2.5e-05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(head + "_bucket{le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(head + "_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(head + "_sum 11.000020001\n"));
  EXPECT_THAT(text, HasSubstr(head + "_count 3\n"));
}

TEST(Exposition, AMillisecondClockThatHasNotMovedMeansHalfAMillisecond) {
  Node node;
  node.one.ping_round_trip.observe(0);
  node.one.ping_round_trip.observe(1);
  const std::string text = node.expose();
  EXPECT_THAT(text, HasSubstr("\nheliograph_ping_rtt_seconds_bucket{le=\"0.00025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nheliograph_ping_rtt_seconds_bucket{le=\"5e-04\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nheliograph_ping_rtt_seconds_bucket{le=\"0.001\"} 2\n"));
}

TEST(Exposition, EachPartyIsHalfACall) {
  Node node;
  node.one.call_parties.set(2);
  node.two.call_parties.set(3);
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_calls_active 2.5\n"));
}

TEST(Exposition, RedisIsUpWhenEveryWorkerSaysSo) {
  Node node;
  node.one.redis_up.set(1);
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_redis_up 0\n"));
  node.two.redis_up.set(1);
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_redis_up 1\n"));
  EXPECT_THAT(node.expose(false), Not(HasSubstr("heliograph_redis")));
}

TEST(Exposition, TheFirstTimeThatRedisIsUpIsNoReconnect) {
  Node node;
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_redis_reconnects_total 0\n"));
  node.one.redis_ups.add();
  node.two.redis_ups.add();
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_redis_reconnects_total 0\n"));
  node.two.redis_ups.add();
  EXPECT_THAT(node.expose(), HasSubstr("\nheliograph_redis_reconnects_total 1\n"));
}

// Walks the table: a counter that has no labels of its own would be written twice under one name.
TEST(Exposition, EveryNumberHasItsOwnLabels) {
  const Metrics metrics;
  for (const MetricDefinition& metric : metric_definitions()) {
    for (const MetricSeries& series : metric.series) {
      std::size_t combinations = 1;
      for (const MetricLabel& label : series.labels) combinations *= label.values.size();
      const auto* const counters = std::get_if<MetricSeries::Counters>(&series.source);
      const std::size_t numbers = counters == nullptr ? 1 : (*counters)(metrics).size();
      EXPECT_EQ(numbers, combinations) << metric.name;
    }
  }
}

TEST(Exposition, NamesAndTypesAgree) {
  for (const MetricDefinition& metric : metric_definitions()) {
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::kCounter) << metric.name;
    const bool times = std::holds_alternative<MetricSeries::Times>(metric.series.front().source);
    EXPECT_EQ(times, metric.type == MetricType::kHistogram) << metric.name;
    EXPECT_FALSE(metric.help.empty() || metric.help.ends_with('.')) << metric.name;
  }
}

}  // namespace
}  // namespace heliograph::server
