#include "ws/frame.hpp"

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace heliograph::ws {
namespace {

using Verdict = std::optional<Error>;
constexpr Verdict kFine = std::nullopt;

// RFC 6455 section 5.2: what each opcode means with FIN and without, outside a fragmented message
// and inside one.
struct Row {
  Verdict final_outside;
  Verdict final_inside;
  Verdict part_outside;
  Verdict part_inside;
};

constexpr Row kContinuation = {Error::kUnexpectedContinuation, kFine,
                               Error::kUnexpectedContinuation, kFine};
constexpr Row kStart = {kFine, Error::kExpectedContinuation, kFine, Error::kExpectedContinuation};
constexpr Row kControl = {kFine, kFine, Error::kFragmentedControlFrame,
                          Error::kFragmentedControlFrame};
constexpr Row kReserved = {Error::kReservedOpcode, Error::kReservedOpcode, Error::kReservedOpcode,
                           Error::kReservedOpcode};

constexpr std::array<Row, 16> kOpcodes = {
    kContinuation, kStart,   kStart,   kReserved, kReserved, kReserved, kReserved, kReserved,
    kControl,      kControl, kControl, kReserved, kReserved, kReserved, kReserved, kReserved,
};

// RFC 7692 section 6: with permessage-deflate, RSV1 is for the first frame of a message.
bool reserved_bits_fit(unsigned byte, bool deflate) {
  const unsigned bits = byte >> 4 & 7;
  const unsigned opcode = byte & 15;
  return bits == 0 || (bits == 4 && deflate && (opcode == 1 || opcode == 2));
}

Verdict expected_first(unsigned byte, bool in_message, bool deflate) {
  if (!reserved_bits_fit(byte, deflate)) return Error::kReservedBit;
  const Row& row = kOpcodes[byte & 15];
  if (byte >= 0x80) return in_message ? row.final_inside : row.final_outside;
  return in_message ? row.part_inside : row.part_outside;
}

Verdict expected_second(unsigned first, unsigned second, Role role) {
  const bool masked = second >= 0x80;
  if (role == Role::kServer && !masked) return Error::kMissingMask;
  if (role == Role::kClient && masked) return Error::kForbiddenMask;
  if ((first & 15) >= 8 && (second & 127) > 125) return Error::kControlFrameTooLong;
  return kFine;
}

Verdict verdict(Bytes input, const FrameContext& context) {
  const auto head = parse_frame_head(input, context);
  return head ? kFine : Verdict(head.error());
}

TEST(WsFrame, EveryFirstByteIsJudgedByTheTableBeforeTheSecondArrives) {
  for (const bool in_message : {false, true}) {
    for (unsigned first = 0; first < 256; ++first) {
      const std::array<std::uint8_t, 1> input = {static_cast<std::uint8_t>(first)};
      for (const Role role : {Role::kServer, Role::kClient}) {
        for (const bool deflate : {false, true}) {
          EXPECT_EQ(verdict(input, {role, in_message, deflate}),
                    expected_first(first, in_message, deflate))
              << first;
        }
      }
    }
  }
}

void expect_judged_by_the_table(unsigned pair, const FrameContext& context) {
  const unsigned first = pair >> 8;
  const unsigned second = pair & 0xff;
  const std::array<std::uint8_t, 2> input = {static_cast<std::uint8_t>(first),
                                             static_cast<std::uint8_t>(second)};
  Verdict expected = expected_first(first, context.in_message, context.deflate);
  if (!expected) expected = expected_second(first, second, context.role);
  const auto head = parse_frame_head(input, context);
  ASSERT_EQ(head ? kFine : Verdict(head.error()), expected) << pair;
  if (!head) return;
  // Two bytes are a whole header only from a server, and of a short frame.
  ASSERT_EQ(head->has_value(), context.role == Role::kClient && second < 126) << pair;
  if (!*head) return;
  EXPECT_EQ(static_cast<unsigned>((*head)->opcode), first & 15);
  EXPECT_EQ((*head)->final, first >= 0x80);
  EXPECT_EQ((*head)->compressed, (first & 0x40) != 0);
  EXPECT_EQ((*head)->length, second);
  EXPECT_EQ((*head)->size, 2U);
}

TEST(WsFrame, EveryPairOfFirstBytesIsJudgedByTheTable) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const bool in_message : {false, true}) {
      for (const bool deflate : {false, true}) {
        for (unsigned pair = 0; pair < 0x10000; ++pair) {
          expect_judged_by_the_table(pair, {role, in_message, deflate});
        }
        ASSERT_FALSE(HasFailure());
      }
    }
  }
}

constexpr std::uint64_t kMaxLength = (1ULL << 63) - 1;

TEST(WsFrame, ReadsBackTheLengthsThatItWroteAndWritesTheShortestForm) {
  const std::vector<std::pair<std::uint64_t, std::size_t>> sizes = {
      {0, 2},
      {1, 2},
      {124, 2},
      {125, 2},
      {126, 4},
      {127, 4},
      {65534, 4},
      {65535, 4},
      {65536, 10},
      {65537, 10},
      {1ULL << 32, 10},
      {1ULL << 31, 10},
      {kMaxLength - 1, 10},
      {kMaxLength, 10},
  };
  const MaskKey key = {1, 2, 3, 4};
  for (const auto& [length, size] : sizes) {
    const FrameHeader plain = make_frame_header(Opcode::kBinary, {}, length);
    EXPECT_EQ(plain.size, size);
    auto head = parse_frame_head(plain.view(), {Role::kClient, false});
    ASSERT_TRUE(head && *head) << length;
    EXPECT_EQ((*head)->length, length);
    EXPECT_EQ((*head)->size, size);

    const FrameHeader masked = make_frame_header(Opcode::kText, {.final = false}, length, key);
    EXPECT_EQ(masked.size, size + 4);
    head = parse_frame_head(masked.view(), {Role::kServer, false});
    ASSERT_TRUE(head && *head) << length;
    EXPECT_EQ((*head)->length, length);
    EXPECT_EQ((*head)->mask, key);
    EXPECT_FALSE((*head)->final);
  }
}

TEST(WsFrame, WantsMoreForEveryPrefixOfAHeader) {
  for (const std::uint64_t length : {std::uint64_t{5}, std::uint64_t{500}, std::uint64_t{70000}}) {
    const FrameHeader header = make_frame_header(Opcode::kText, {}, length, MaskKey{1, 2, 3, 4});
    for (std::size_t size = 0; size < header.size; ++size) {
      const auto head = parse_frame_head(header.view().first(size), {Role::kServer, false});
      ASSERT_TRUE(head.has_value());
      EXPECT_FALSE(head->has_value()) << length << " " << size;
    }
  }
}

TEST(WsFrame, RefusesLengthsThatAreNotInTheirShortestForm) {
  const auto verdict_of = [](std::string_view hex) {
    return verdict(*hex_decode(hex), {Role::kClient, false});
  };
  EXPECT_EQ(verdict_of("827e0000"), Error::kLengthNotMinimal);
  EXPECT_EQ(verdict_of("827e007d"), Error::kLengthNotMinimal);
  EXPECT_EQ(verdict_of("827e007e"), kFine);
  EXPECT_EQ(verdict_of("827f0000000000000000"), Error::kLengthNotMinimal);
  EXPECT_EQ(verdict_of("827f000000000000ffff"), Error::kLengthNotMinimal);
  EXPECT_EQ(verdict_of("827f0000000000010000"), kFine);
}

TEST(WsFrame, RefusesALengthWhoseTopBitIsSet) {
  const auto verdict_of = [](std::string_view hex) {
    return verdict(*hex_decode(hex), {Role::kClient, false});
  };
  EXPECT_EQ(verdict_of("827f7fffffffffffffff"), kFine);
  EXPECT_EQ(verdict_of("827f8000000000000000"), Error::kLengthOutOfRange);
  EXPECT_EQ(verdict_of("827fffffffffffffffff"), Error::kLengthOutOfRange);
}

// RFC 6455 section 5.7.
TEST(WsFrame, ReadsTheHeadersOfTheStandardsExamples) {
  using Expected = std::tuple<std::string, Role, bool, Opcode, bool, std::uint64_t>;
  const std::vector<Expected> examples = {
      {"8105", Role::kClient, false, Opcode::kText, true, 5},
      {"818537fa213d", Role::kServer, false, Opcode::kText, true, 5},
      {"0103", Role::kClient, false, Opcode::kText, false, 3},
      {"8002", Role::kClient, true, Opcode::kContinuation, true, 2},
      {"8905", Role::kClient, false, Opcode::kPing, true, 5},
      {"8a8537fa213d", Role::kServer, false, Opcode::kPong, true, 5},
      {"827e0100", Role::kClient, false, Opcode::kBinary, true, 256},
      {"827f0000000000010000", Role::kClient, false, Opcode::kBinary, true, 65536},
  };
  for (const auto& [hex, role, in_message, opcode, final, length] : examples) {
    const auto bytes = *hex_decode(hex);
    const auto head = parse_frame_head(bytes, {role, in_message});
    ASSERT_TRUE(head && *head) << hex;
    EXPECT_EQ((*head)->opcode, opcode);
    EXPECT_EQ((*head)->final, final);
    EXPECT_EQ((*head)->length, length);
    EXPECT_EQ((*head)->size, bytes.size());
  }
}

}  // namespace
}  // namespace heliograph::ws
