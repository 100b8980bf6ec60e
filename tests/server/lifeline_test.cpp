#include "server/lifeline.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

TEST(ArrivalMark, APongShowsWhatWasSentBeforeItsPing) {
  ArrivalMark mark;
  mark.sent(3);
  EXPECT_EQ(mark.pong(100, 120), std::nullopt);
  mark.sent(5);
  EXPECT_EQ(mark.pong(200, 210), 3U);
  EXPECT_EQ(mark.pong(300, 310), 5U);
}

TEST(ArrivalMark, WhatWasSentInTheMillisecondOfThePingMayBeBehindIt) {
  ArrivalMark mark;
  mark.sent(3);
  EXPECT_EQ(mark.pong(100, 120), std::nullopt);
  EXPECT_EQ(mark.pong(120, 130), std::nullopt);
  EXPECT_EQ(mark.pong(131, 140), 3U);
}

TEST(ArrivalMark, AWelcomeBeforeAnyMessageIsSomethingToo) {
  ArrivalMark mark;
  EXPECT_EQ(mark.pong(100, 110), std::nullopt);
  EXPECT_EQ(mark.pong(200, 210), std::nullopt);
  mark.sent(0);
  EXPECT_EQ(mark.pong(300, 310), std::nullopt);
  EXPECT_EQ(mark.pong(400, 410), 0U);
}

}  // namespace
}  // namespace heliograph::server
