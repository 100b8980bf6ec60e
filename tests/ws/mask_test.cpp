#include "ws/mask.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace heliograph::ws {
namespace {

constexpr MaskKey kKey = {0x37, 0xfa, 0x21, 0x3d};

std::vector<std::uint8_t> numbers(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  return bytes;
}

// RFC 6455 section 5.7, "A single-frame masked text message".
TEST(WsMask, TurnsTheStandardsExampleIntoHello) {
  auto bytes = *hex_decode("7f9f4d5158");
  apply_mask(bytes, kKey);
  EXPECT_EQ(as_text(bytes), "Hello");
}

TEST(WsMask, WorksByteByByteForEverySizeInEveryImplementation) {
  for (const MaskKernel& kernel : mask_kernels()) {
    for (std::size_t size = 0; size < 300; ++size) {
      const auto original = numbers(size);
      auto masked = original;
      const MaskKey rest = apply_mask(masked, kKey, kernel);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(masked[i], original[i] ^ kKey[i % 4]) << kernel.name << ' ' << size << ' ' << i;
      }
      for (std::size_t i = 0; i < rest.size(); ++i) ASSERT_EQ(rest[i], kKey[(size + i) % 4]);
    }
  }
}

TEST(WsMask, TouchesNothingBesideWhatItWasGivenAtAnyAlignment) {
  for (const MaskKernel& kernel : mask_kernels()) {
    for (std::size_t begin = 0; begin < 64; ++begin) {
      auto bytes = numbers(400);
      const auto original = bytes;
      apply_mask(MutableBytes(bytes).subspan(begin, 300), kKey, kernel);
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool inside = i >= begin && i < begin + 300;
        ASSERT_EQ(bytes[i], original[i] ^ (inside ? kKey[(i - begin) % 4] : 0)) << kernel.name;
      }
    }
  }
}

TEST(WsMask, ContinuesAtAnyOffset) {
  auto whole = numbers(61);
  apply_mask(whole, kKey);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    auto pieces = numbers(61);
    const MutableBytes bytes(pieces);
    apply_mask(bytes.subspan(cut), apply_mask(bytes.first(cut), kKey));
    EXPECT_EQ(pieces, whole) << cut;
  }
}

}  // namespace
}  // namespace heliograph::ws
