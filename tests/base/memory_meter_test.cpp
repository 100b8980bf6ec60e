#include "tests/base/memory_meter.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph {
namespace {

TEST(MemoryMeter, CountsWhatIsAskedForAndWhatIsHeld) {
  const MemoryMeter meter;
  std::optional<std::vector<int>> numbers(1000);
  const std::size_t size = numbers->size() * sizeof(int);
  EXPECT_EQ(meter.allocations(), 1U);
  EXPECT_GE(meter.held(), size);
  numbers.reset();
  EXPECT_EQ(meter.held(), 0U);
  EXPECT_GE(meter.most_held(), size);
}

}  // namespace
}  // namespace heliograph
