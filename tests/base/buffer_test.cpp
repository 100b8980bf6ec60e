#include "base/buffer.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "tests/base/memory_meter.hpp"

namespace heliograph {
namespace {

TEST(Buffer, ANewOneOwnsNothing) {
  const Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0U);
}

TEST(Buffer, WritesNumbersInNetworkByteOrder) {
  Buffer buffer;
  buffer.u8(1);
  buffer.u16(0x0203);
  buffer.u24(0x040506);
  buffer.u32(0x0708090a);
  buffer.u64(0x0b0c0d0e0f101112);
  EXPECT_EQ(hex_encode(buffer.bytes()), "0102030405060708090a0b0c0d0e0f101112");
}

TEST(Buffer, GrowsAndKeepsItsBytes) {
  Buffer buffer;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 17), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
  }
  EXPECT_EQ(buffer.text(), expected);
}

TEST(Buffer, ConsumedFrontIsReused) {
  Buffer buffer;
  buffer.append(std::string(256, 'x'));
  const std::size_t capacity = buffer.capacity();
  buffer.consume(200);
  buffer.append(std::string(capacity - 56, 'y'));
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_EQ(buffer.text(), std::string(56, 'x') + std::string(capacity - 56, 'y'));
}

// However long it is.
TEST(Buffer, AQueueOfPiecesKeepsItsMemory) {
  const std::string piece(165, 'x');
  for (std::size_t length = 1; length <= 64; ++length) {
    Buffer buffer;
    const auto push = [&](std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        buffer.append(piece);
        if (buffer.size() > length * piece.size()) buffer.consume(piece.size());
      }
    };
    push(4 * length);
    const MemoryMeter meter;
    push(4 * length);
    EXPECT_EQ(meter.allocations(), 0U) << length;
  }
}

TEST(Buffer, ConsumingEverythingStartsAtTheFrontAgain) {
  Buffer buffer;
  buffer.append("abc");
  buffer.consume(1);
  EXPECT_EQ(buffer.text(), "bc");
  buffer.consume(2);
  EXPECT_TRUE(buffer.empty());
  buffer.append("d");
  EXPECT_EQ(buffer.text(), "d");
}

TEST(Buffer, ReleaseGivesTheMemoryBack) {
  Buffer buffer;
  buffer.append("abc");
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.empty());
  buffer.append("d");
  EXPECT_EQ(buffer.text(), "d");
}

TEST(Buffer, MovingLeavesAnEmptyBuffer) {
  Buffer from;
  from.append("abc");
  Buffer to(std::move(from));
  EXPECT_EQ(to.text(), "abc");
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move): the state is specified
  EXPECT_TRUE(from.empty());
  from.append("d");
  EXPECT_EQ(from.text(), "d");
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
}

TEST(LengthPrefix, WritesTheSizeOfWhatFollows) {
  Buffer buffer;
  {
    const LengthPrefix<3> outer(buffer);
    {
      const LengthPrefix<2> middle(buffer);
      const LengthPrefix<1> inner(buffer);
      buffer.append("ab");
    }
    buffer.append("c");
  }
  EXPECT_EQ(hex_encode(buffer.bytes()),
            "00000600030261"
            "62"
            "63");
}

}  // namespace
}  // namespace heliograph
