#include "http/parser.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::http {
namespace {

// What a head says, in a form that outlives the parser.
std::string summary(const RequestHead& head) {
  std::string text = std::string(head.method) + ' ' + std::string(head.target);
  for (const Field& field : head.fields.all()) {
    text += '|' + std::string(field.name) + '=' + std::string(field.value);
  }
  return text;
}

struct Outcome {
  std::string head;  // empty if there was none
  std::optional<Error> error;
  std::string rest;  // what the parser left

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds `text` in segments of `size` bytes; each one has its own memory.
Outcome feed(std::string_view text, std::size_t size) {
  RequestParser parser;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const std::string_view segment = text.substr(at, size);
    std::vector<std::uint8_t> bytes(segment.begin(), segment.end());
    MutableBytes input(bytes);
    const auto head = parser.receive(input);
    if (!head) return {{}, head.error(), {}};
    if (*head) {
      const std::string rest(as_text(input));
      return {summary(**head), std::nullopt,
              rest + std::string(text.substr(std::min(at + size, text.size())))};
    }
    EXPECT_TRUE(input.empty());
  }
  return {};
}

constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\nHost: l\r\nUpgrade: websocket\r\nEmpty:\r\n\r\n";

TEST(HttpParser, SaysTheSameHoweverTheBytesWereCut) {
  const std::string text = std::string(kRequest) + "frames";
  const Outcome whole = feed(text, text.size());
  EXPECT_EQ(whole.head, "GET /chat|Host=l|Upgrade=websocket|Empty=");
  EXPECT_EQ(whole.rest, "frames");
  for (std::size_t size = 1; size < text.size(); ++size) EXPECT_EQ(feed(text, size), whole) << size;
}

TEST(HttpParser, FailsInTheSameWayHoweverTheBytesWereCut) {
  const std::vector<std::string_view> broken = {
      "GET / HTTP/1.1\n\n",
      "GET / HTTP/1.1\r\nHost : l\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: l\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/3.0\r\nA\x01: l\r\n\r\n",
      "\x16\x03\x01\x02",
  };
  for (const std::string_view text : broken) {
    const Outcome whole = feed(text, text.size());
    EXPECT_TRUE(whole.error.has_value()) << text;
    for (std::size_t size = 1; size < text.size(); ++size) EXPECT_EQ(feed(text, size), whole);
  }
}

TEST(HttpParser, ReadsAHeadThatArrivesWholeWhereItLies) {
  std::vector<std::uint8_t> bytes(kRequest.begin(), kRequest.end());
  MutableBytes input(bytes);
  RequestParser parser;
  const auto head = parser.receive(input);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ(static_cast<const void*>((*head)->method.data()), bytes.data());
  EXPECT_TRUE(input.empty());
}

TEST(HttpParser, ReadsOneHeadAfterAnother) {
  const std::string text = std::string(kRequest) + "GET /two HTTP/1.0\r\n\r\n";
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  MutableBytes input(bytes);
  RequestParser parser;
  EXPECT_TRUE(parser.idle());
  auto head = parser.receive(input);
  ASSERT_TRUE(head && *head);
  head = parser.receive(input);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->target, "/two");
  EXPECT_TRUE(parser.idle());
}

TEST(HttpParser, IsNotIdleInsideAHead) {
  std::vector<std::uint8_t> bytes = {'G'};
  MutableBytes input(bytes);
  RequestParser parser;
  ASSERT_TRUE(parser.receive(input).has_value());
  EXPECT_FALSE(parser.idle());
}

TEST(HttpParser, DiscardsEverythingAfterAnError) {
  RequestParser parser;
  std::string bad = "GET / HTTP/1.1\n";
  std::vector<std::uint8_t> bytes(bad.begin(), bad.end());
  MutableBytes input(bytes);
  EXPECT_FALSE(parser.receive(input).has_value());
  EXPECT_TRUE(input.empty());
  bytes.assign(kRequest.begin(), kRequest.end());
  input = bytes;
  const auto head = parser.receive(input);
  ASSERT_TRUE(head.has_value());
  EXPECT_FALSE(head->has_value());
  EXPECT_TRUE(input.empty());
}

TEST(HttpParser, ReadsAResponseAndKeepsTheFramesBehindIt) {
  const std::string_view text = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01x";
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  MutableBytes input(bytes);
  ResponseParser parser;
  const auto head = parser.receive(input);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->status, 101);
  EXPECT_EQ(as_text(input), "\x81\x01x");
}

}  // namespace
}  // namespace heliograph::http
