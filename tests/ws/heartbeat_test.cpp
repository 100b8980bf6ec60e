#include "ws/heartbeat.hpp"

#include <gtest/gtest.h>

namespace heliograph::ws {
namespace {

TEST(Heartbeat, PingsAtItsInterval) {
  Heartbeat heartbeat(25, 60, 1000);
  EXPECT_EQ(heartbeat.deadline(), 1025U);
  EXPECT_FALSE(heartbeat.take_ping(1024));
  EXPECT_TRUE(heartbeat.take_ping(1025));
  EXPECT_FALSE(heartbeat.take_ping(1025));
  EXPECT_EQ(heartbeat.deadline(), 1050U);
}

TEST(Heartbeat, FindsOutThatThePeerIsSilent) {
  Heartbeat heartbeat(25, 60, 1000);
  EXPECT_FALSE(heartbeat.is_dead(1059));
  EXPECT_TRUE(heartbeat.is_dead(1060));
  heartbeat.heard(1030);
  EXPECT_FALSE(heartbeat.is_dead(1089));
  EXPECT_TRUE(heartbeat.is_dead(1090));
  Heartbeat rare(500, 60, 1000);
  EXPECT_EQ(rare.deadline(), 1060U);
}

TEST(Heartbeat, MeasuresTheRoundTrip) {
  Heartbeat heartbeat(25, 60, 1000);
  const auto first = heartbeat.take_ping(1030);
  ASSERT_TRUE(first);
  EXPECT_EQ(heartbeat.pong(*first, 1037), 7U);
  const auto second = heartbeat.take_ping(1060);
  ASSERT_TRUE(second);
  EXPECT_EQ(heartbeat.pong(*second, 1060), 0U);
  // One that is late, one that was never asked for, and one that is no time.
  EXPECT_EQ(heartbeat.pong(*first, 1061), std::nullopt);
  EXPECT_EQ(heartbeat.pong(Heartbeat::Payload{}, 1061), std::nullopt);
  EXPECT_EQ(heartbeat.pong(as_bytes("pong"), 1061), std::nullopt);
}

}  // namespace
}  // namespace heliograph::ws
