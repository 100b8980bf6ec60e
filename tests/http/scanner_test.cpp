#include "http/scanner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http/head.hpp"

namespace heliograph::http {
namespace {

std::optional<Error> error_of(std::string_view text) {
  HeadScanner scanner;
  const auto end = scanner.scan(as_bytes(text));
  return end ? std::nullopt : std::optional(end.error());
}

TEST(HttpScanner, FindsTheEndAndLeavesWhatFollows) {
  HeadScanner scanner;
  const auto end = scanner.scan(as_bytes("GET / HTTP/1.1\r\nA: b\r\n\r\nrest"));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(*end, std::size_t{24});
  EXPECT_EQ(scanner.scanned(), 24U);
}

TEST(HttpScanner, RefusesWhatMayStandNowhere) {
  EXPECT_EQ(error_of("GET / HTTP/1.1\n"), Error::kBareLineFeed);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nA: b\n"), Error::kBareLineFeed);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n\n"), Error::kBareLineFeed);
  EXPECT_EQ(error_of("GET / HTTP/1.1\rA"), Error::kBareCarriageReturn);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\r\n"), Error::kBareCarriageReturn);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n\rA"), Error::kBareCarriageReturn);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nA: b\r\n c"), Error::kFoldedField);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n\tc"), Error::kFoldedField);
}

TEST(HttpScanner, RefusesEveryControlCharacterButTheTab) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == '\r' || byte == '\n') continue;
    const std::string text = std::string("GET / HTTP/1.1\r\nA: b") + static_cast<char>(byte);
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    EXPECT_EQ(error_of(text), control ? std::optional(Error::kControlCharacter) : std::nullopt)
        << byte;
  }
}

// A head of exactly `size` bytes.
std::string head_of(std::size_t size) {
  const std::string start = "GET / HTTP/1.1\r\nHost: l\r\nA: ";
  const std::string end = "\r\n\r\n";
  return start + std::string(size - start.size() - end.size(), 'x') + end;
}

TEST(HttpScanner, TakesAHeadAtTheLimitAndRefusesOnePast) {
  HeadScanner scanner;
  const auto end = scanner.scan(as_bytes(head_of(kMaxHeadSize)));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(*end, kMaxHeadSize);
  EXPECT_EQ(error_of(head_of(kMaxHeadSize + 1)), Error::kHeadTooLarge);
}

TEST(HttpScanner, NamesTheTargetWhenTheRequestLineAloneIsTooLong) {
  EXPECT_EQ(error_of("GET /" + std::string(kMaxHeadSize - 5, 'x')), std::nullopt);
  EXPECT_EQ(error_of("GET /" + std::string(kMaxHeadSize - 4, 'x')), Error::kTargetTooLong);
}

TEST(HttpScanner, LooksAtEveryByteOnceWhenTheyComeOneByOne) {
  const std::string head = head_of(kMaxHeadSize);
  HeadScanner scanner;
  for (std::size_t i = 0; i < head.size(); ++i) {
    // A copy of the one byte: were the scanner to look back, there would be nothing to see.
    const std::vector<std::uint8_t> segment = {static_cast<std::uint8_t>(head[i])};
    const auto end = scanner.scan(segment);
    ASSERT_TRUE(end.has_value());
    ASSERT_EQ(end->has_value(), i + 1 == head.size());
  }
  EXPECT_EQ(scanner.scanned(), kMaxHeadSize);
}

}  // namespace
}  // namespace heliograph::http
