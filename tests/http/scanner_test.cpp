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

struct Outcome {
  std::optional<std::size_t> end;
  std::optional<Error> error;
  std::size_t scanned = 0;

  bool operator==(const Outcome&) const = default;
};

// In segments of `size` bytes, up to the end of the head or the first error.
Outcome scan_in_segments(std::string_view text, std::size_t size) {
  HeadScanner scanner;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const auto end = scanner.scan(as_bytes(text.substr(at, size)));
    if (!end) return {.end = {}, .error = end.error(), .scanned = scanner.scanned()};
    if (*end) return {.end = at + **end, .error = {}, .scanned = scanner.scanned()};
  }
  return {.end = {}, .error = {}, .scanned = scanner.scanned()};
}

// What comes byte by byte is looked at byte by byte; of what comes together, several at once.
TEST(HttpScanner, SeesTheSameInSegmentsOfEverySizeWhateverByteStandsWherever) {
  const std::string head = "GET /chat HTTP/1.1\r\nHost: l\r\nAccept: text/html, *\r\n\r\n";
  for (std::size_t at = 0; at < head.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = head;
      text[at] = static_cast<char>(byte);
      const Outcome expected = scan_in_segments(text, 1);
      for (const std::size_t size : {text.size(), 8UZ, 9UZ, 17UZ}) {
        ASSERT_EQ(scan_in_segments(text, size), expected) << at << " " << byte << " " << size;
      }
    }
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
  for (const std::size_t size : {kMaxHeadSize, kMaxHeadSize + 1}) {
    const std::string head = head_of(size);
    EXPECT_EQ(scan_in_segments(head, head.size()), scan_in_segments(head, 1));
  }
}

TEST(HttpScanner, NamesTheTargetWhenTheRequestLineAloneIsTooLong) {
  EXPECT_EQ(error_of("GET /" + std::string(kMaxHeadSize - 5, 'x')), std::nullopt);
  const std::string too_long = "GET /" + std::string(kMaxHeadSize - 4, 'x');
  EXPECT_EQ(error_of(too_long), Error::kTargetTooLong);
  EXPECT_EQ(scan_in_segments(too_long, too_long.size()), scan_in_segments(too_long, 1));
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
