#include "crypto/compare.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

TEST(Compare, EqualOnlyIfSizeAndEveryBitAre) {
  const auto bytes = counting(0, 31);
  EXPECT_TRUE(equal_in_constant_time(bytes, copy_of(bytes)));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(bytes, Bytes(bytes).first(31)));
  EXPECT_FALSE(equal_in_constant_time(bytes, {}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto other = bytes;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(equal_in_constant_time(bytes, other)) << bit;
  }
}

}  // namespace
}  // namespace heliograph::crypto
