#include "resp/ring.hpp"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace heliograph::resp {
namespace {

TEST(Ring, BehavesAsADeque) {
  std::mt19937 random(1);
  Ring<int> ring;
  std::deque<int> model;
  for (int step = 0; step < 100'000; ++step) {
    switch (random() % 7) {
      case 0:
      case 1:
      case 2:
        ring.push_back(step);
        model.push_back(step);
        break;
      case 3:
      case 4:
        if (model.empty()) break;
        EXPECT_EQ(ring.front(), model.front());
        ring.pop_front();
        model.pop_front();
        break;
      case 5: {
        if (model.empty()) break;
        const std::size_t at = random() % model.size();
        ASSERT_EQ(ring[at], model[at]) << step;
        break;
      }
      default:
        if (random() % 500 != 0) break;
        ring.clear();
        model.clear();
        break;
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(ring.empty(), model.empty());
  }
}

}  // namespace
}  // namespace heliograph::resp
