#include "base/reader.hpp"

#include <array>

#include <gtest/gtest.h>

namespace heliograph {
namespace {

constexpr std::array<std::uint8_t, 18> kInput = {1, 0,   2,   0, 0, 3, 0,   0, 0,
                                                 4, 'a', 'b', 0, 0, 1, 'c', 0, 0};

TEST(Reader, ReadsNumbersInNetworkByteOrder) {
  Reader reader(kInput);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 2);
  EXPECT_EQ(reader.u24(), 3U);
  EXPECT_EQ(reader.u32(), 4U);
  EXPECT_EQ(as_text(reader.bytes(2)), "ab");
  EXPECT_EQ(as_text(reader.vector24()), "c");
  EXPECT_TRUE(reader.vector16().empty());
  EXPECT_TRUE(reader.done());
}

TEST(Reader, ReadsEightBytes) {
  Reader reader(Bytes(kInput).first(8));
  EXPECT_EQ(reader.u64(), 0x0100020000030000U);
  EXPECT_TRUE(reader.done());
}

TEST(Reader, APastEndReadIsRememberedAndYieldsNothing) {
  Reader reader(Bytes(kInput).first(3));
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.vector8().empty());
  EXPECT_FALSE(reader.done());
}

TEST(Reader, AVectorLongerThanTheInputFails) {
  constexpr std::array<std::uint8_t, 3> kShort = {3, 1, 2};
  Reader reader(kShort);
  EXPECT_TRUE(reader.vector8().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, LeftOverBytesAreNotDone) {
  Reader reader(kInput);
  reader.u8();
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.rest().size(), kInput.size() - 1);
}

}  // namespace
}  // namespace heliograph
