#include "load/histogram.hpp"

#include <gtest/gtest.h>

namespace heliograph::bench {
namespace {

TEST(Histogram, HasNothingToTellBeforeTheFirstValue) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.at(0.5), 0U);
  EXPECT_EQ(histogram.max(), 0U);
}

TEST(Histogram, TellsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0), 1U);
  EXPECT_EQ(histogram.at(0.5), 50U);
  EXPECT_EQ(histogram.at(0.501), 51U);
  EXPECT_EQ(histogram.at(0.99), 99U);
  EXPECT_EQ(histogram.at(1), 100U);
}

TEST(Histogram, TellsEveryValueWithinItsWidthAndNeverTooSmall) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1, power + power / 3}) {
      Histogram histogram;
      histogram.record(value);
      histogram.record(UINT64_MAX);
      const std::uint64_t told = histogram.at(0.5);
      EXPECT_GE(told, value);
      EXPECT_LE(told - value, value / 128) << value;
    }
  }
}

TEST(Histogram, NeverTellsMoreThanTheLargestValue) {
  Histogram histogram;
  histogram.record(1'000'001);
  EXPECT_EQ(histogram.at(1), 1'000'001U);
  EXPECT_EQ(histogram.max(), 1'000'001U);
}

TEST(Histogram, FindsTheOneSlowAmongManyFast) {
  Histogram histogram;
  for (int i = 0; i < 999; ++i) histogram.record(10);
  histogram.record(1'000'000);
  EXPECT_EQ(histogram.at(0.999), 10U);
  EXPECT_EQ(histogram.at(0.9991), 1'000'000U);
}

TEST(Histogram, ForgetsWhenCleared) {
  Histogram histogram;
  histogram.record(5);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.at(1), 0U);
}

}  // namespace
}  // namespace heliograph::bench
