#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace heliograph {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  std::vector<std::uint8_t> bytes(256);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const std::string text = hex_encode(bytes);
  EXPECT_TRUE(text.starts_with("000102")) << text;
  EXPECT_TRUE(text.ends_with("fdfeff")) << text;
  EXPECT_EQ(hex_decode(text), bytes);
}

TEST(Hex, ReadsEitherCaseAndRefusesTheRest) {
  EXPECT_EQ(hex_decode("aBcD"), (std::vector<std::uint8_t>{0xab, 0xcd}));
  for (const std::string_view text : {"a", "0g", "g0", "0x", " 0", "00 "}) {
    EXPECT_FALSE(hex_decode(text)) << text;
  }
}

}  // namespace
}  // namespace heliograph
