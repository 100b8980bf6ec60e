#include "tls/finished.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

TEST(Finished, IsVerifyDataAndNothingElse) {
  Buffer out;
  write_finished(Octets{1, 2, 3}, out);
  EXPECT_EQ(octets(out.bytes()), (Octets{20, 0, 0, 3, 1, 2, 3}));
}

TEST(Finished, VerifiesOnlyIfEveryBitIsRight) {
  const Octets expected(48, 0x11);
  EXPECT_TRUE(verify_finished(expected, expected));
  for (std::size_t bit = 0; bit < 48 * 8; ++bit) {
    Octets other = expected;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << bit % 8));
    EXPECT_EQ(verify_finished(other, expected).error(), Error::kFinishedMismatch) << bit;
  }
}

TEST(Finished, HasTheLengthOfTheHash) {
  const Octets expected(32, 0x11);
  for (const std::size_t size : std::to_array<std::size_t>({0, 1, 31, 33, 48})) {
    EXPECT_EQ(verify_finished(Octets(size, 0x11), expected).error(), Error::kMalformedFinished);
  }
}

}  // namespace
}  // namespace heliograph::tls
