// Our parser and that of hiredis on the same streams. Where they differ, this file says why.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include "tests/resp/transcript.hpp"
#include "tests/resp/vectors.hpp"

namespace heliograph::resp {
namespace {

using ::testing::SizeIs;

// A stream's replies as lines, and how it ends.
struct Outcome {
  std::vector<std::string> replies;
  std::optional<Error> error;  // ours; of hiredis only whether there is one
};

Outcome ours(std::string_view stream) {
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  MutableBytes input = bytes;
  Parser parser;
  Outcome outcome;
  while (true) {
    const auto reply = parser.receive(input);
    if (!reply) outcome.error = reply.error();
    if (!reply || !*reply) return outcome;
    outcome.replies.push_back(to_text(**reply));
  }
}

// As to_text() writes our own, by way of the bytes that mean the same.
std::string canonical(const redisReply& reply) {
  const std::string text(reply.str == nullptr ? "" : reply.str, reply.len);
  switch (reply.type) {
    case REDIS_REPLY_STRING:
      return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    case REDIS_REPLY_STATUS:
      return "+" + text + "\r\n";
    case REDIS_REPLY_ERROR:
      return "-" + text + "\r\n";
    case REDIS_REPLY_INTEGER:
      return ":" + std::to_string(reply.integer) + "\r\n";
    case REDIS_REPLY_NIL:
      return "$-1\r\n";
    default: {
      std::string stream = "*" + std::to_string(reply.elements) + "\r\n";
      for (std::size_t i = 0; i < reply.elements; ++i) stream += canonical(*reply.element[i]);
      return stream;
    }
  }
}

Outcome theirs(std::string_view stream) {
  const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(),
                                                                        &redisReaderFree);
  Outcome outcome;
  redisReaderFeed(reader.get(), stream.data(), stream.size());
  while (true) {
    void* taken = nullptr;
    if (redisReaderGetReply(reader.get(), &taken) != REDIS_OK) {
      outcome.error = Error::kUnknownType;
      return outcome;
    }
    if (taken == nullptr) return outcome;
    const std::unique_ptr<void, decltype(&freeReplyObject)> reply(taken, &freeReplyObject);
    outcome.replies.push_back(canonical(*static_cast<const redisReply*>(taken)));
  }
}

// Why hiredis goes on where ours stops; empty: it should not.
std::string_view why_lenient(Error error) {
  switch (error) {
    case Error::kBulkNotTerminated:
      return "hiredis does not look at the two bytes behind a bulk string";
    case Error::kBadLineEnd:
      return "hiredis lets CR or LF stand alone in a line";
    default:
      return {};
  }
}

// Why hiredis stops where ours goes on; empty: it should not.
std::string_view why_strict(std::string_view stream) {
  static constexpr std::string_view kOnlyInResp3 = "_,#!=(%~>|;.?";
  if (stream.find_first_of(kOnlyInResp3) != std::string_view::npos) {
    return "this hiredis speaks RESP2 alone";
  }
  for (std::size_t at = stream.find(':'); at != std::string_view::npos;
       at = stream.find(':', at + 1)) {
    const std::string_view number = stream.substr(at + 1);
    if (number.starts_with('+') || number.starts_with('0') || number.starts_with("-0")) {
      return "hiredis takes no '+' and no leading zero of an integer";
    }
  }
  return {};
}

// A stream of canonical replies, as ours would print it.
std::vector<std::string> printed(const std::vector<std::string>& canonicals) {
  std::vector<std::string> lines;
  for (const std::string& stream : canonicals) {
    const Outcome outcome = ours(stream);
    lines.push_back(outcome.replies.empty() ? "?" : outcome.replies[0]);
  }
  return lines;
}

// Both give the same replies up to where one of them stops, and stop in the same way or for a
// reason.
void compare(std::string_view stream, std::map<std::string_view, int>& reasons) {
  const Outcome our = ours(stream);
  Outcome their = theirs(stream);
  their.replies = printed(their.replies);
  const std::size_t common = std::min(our.replies.size(), their.replies.size());
  const bool same_start =
      std::equal(our.replies.begin(), our.replies.begin() + static_cast<std::ptrdiff_t>(common),
                 their.replies.begin());
  const bool same = same_start && our.replies.size() == their.replies.size() &&
                    our.error.has_value() == their.error.has_value();
  if (same) return;
  const bool we_stop = our.error && our.replies.size() == common;
  std::string_view why = we_stop ? why_lenient(*our.error) : std::string_view{};
  if (why.empty() && their.error) why = why_strict(stream);
  if (!same_start) why = {};
  ++reasons[why];
  EXPECT_TRUE(!why.empty()) << ::testing::PrintToString(std::string(stream))
                            << "\n  ours: " << ::testing::PrintToString(our.replies)
                            << (our.error ? describe(*our.error) : " more")
                            << "\n  theirs: " << ::testing::PrintToString(their.replies)
                            << (their.error ? " error" : " more");
}

TEST(Hiredis, AgreesOnTheVectorsOrForAReasonNot) {
  std::map<std::string_view, int> reasons;
  for (const auto& good : kGood) compare(good.stream, reasons);
  for (const auto& bad : kBad) compare(bad.stream, reasons);
  // Every reason is one that occurs.
  EXPECT_THAT(reasons, SizeIs(4));
}

TEST(Hiredis, AgreesOnDamagedStreamsOrForAReasonNot) {
  std::map<std::string_view, int> reasons;
  std::mt19937 random(1);
  const std::string seed =
      "+OK\r\n$5\r\nhello\r\n*3\r\n:1\r\n$-1\r\n*2\r\n:22\r\n-ERR "
      "no\r\n:-7\r\n*-1\r\n*0\r\n$0\r\n\r\n";
  const std::string_view alphabet = "+-$:*0123456789\r\n a";
  for (int i = 0; i < 20'000; ++i) {
    std::string stream = seed;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % stream.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          stream[at] = c;
          break;
        case 1:
          stream.insert(at, 1, c);
          break;
        default:
          stream.erase(at, 1);
          break;
      }
    }
    compare(stream, reasons);
    if (HasFailure()) break;
  }
  EXPECT_THAT(reasons, SizeIs(3));
}

}  // namespace
}  // namespace heliograph::resp
