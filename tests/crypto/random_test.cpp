#include "crypto/random.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "crypto/start.hpp"
#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

TEST(Random, EveryAlgorithmIsAtHand) {
  EXPECT_NO_THROW(start());
}

TEST(Random, FillsAllOfTheBuffer) {
  std::vector<std::uint8_t> any_bit_set(100);
  for (int round = 0; round < 16; ++round) {
    std::vector<std::uint8_t> bytes(any_bit_set.size());
    fill_random(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) any_bit_set[i] |= bytes[i];
  }
  // A byte that is really random stays zero with probability 2^-128.
  EXPECT_EQ(std::ranges::count(any_bit_set, 0), 0);
}

TEST(Random, NumbersDoNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_u64());
  EXPECT_EQ(seen.size(), 1000U);
}

}  // namespace
}  // namespace heliograph::crypto
