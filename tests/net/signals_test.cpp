#include "net/signals.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace heliograph::net {
namespace {

TEST(Signals, ArriveAsNumbersAndDoNotEndTheProcess) {
  const Signals signals({SIGUSR1, SIGUSR2});
  EXPECT_EQ(signals.take(), std::nullopt);
  ASSERT_EQ(std::raise(SIGUSR2), 0);
  EXPECT_EQ(signals.take(), SIGUSR2);
  EXPECT_EQ(signals.take(), std::nullopt);
}

}  // namespace
}  // namespace heliograph::net
