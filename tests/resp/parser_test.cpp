#include "resp/parser.hpp"

#include <clocale>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "tests/base/memory_meter.hpp"
#include "tests/resp/transcript.hpp"
#include "tests/resp/vectors.hpp"

namespace heliograph::resp {
namespace {

using namespace std::string_literals;

std::string error_line(Error error) {
  return "error: " + std::string(describe(error)) + "\n";
}

TEST(Parser, ReadsEveryTypeAndLeavesTheNextReplyAlone) {
  for (const auto& [stream, expected] : kGood) {
    EXPECT_EQ(transcript(stream), expected) << stream;
  }
}

TEST(Parser, NamesTheRuleThatAStreamBreaks) {
  for (const auto& [stream, error] : kBad) {
    EXPECT_EQ(transcript(stream), error_line(error)) << stream;
  }
}

TEST(Parser, GivesTheSameResultWhereverAStreamIsCut) {
  std::vector<std::string_view> streams;
  for (const auto& good : kGood) streams.push_back(good.stream);
  for (const auto& bad : kBad) streams.push_back(bad.stream);
  for (const std::string_view stream : streams) {
    const std::string whole = transcript(stream);
    EXPECT_EQ(transcript(stream, single_bytes(stream)), whole) << stream;
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      EXPECT_EQ(transcript(stream, {cut}), whole) << stream << " cut at " << cut;
    }
  }
}

TEST(Parser, NeedsMoreForEveryTrueBeginningOfAReply) {
  for (const auto& [stream, expected] : kGood) {
    const std::size_t lines = static_cast<std::size_t>(std::ranges::count(expected, '\n'));
    for (std::size_t size = 0; size < stream.size(); ++size) {
      const std::string text = transcript(stream.substr(0, size));
      EXPECT_FALSE(text.contains("error")) << stream << " up to " << size;
      EXPECT_LT(std::ranges::count(text, '\n'), lines) << stream << " up to " << size;
    }
  }
}

TEST(Parser, RefusesEveryLengthThatIsNotCanonicalOrTooLarge) {
  for (const char type : "$!=*~%>|;"s) {
    const std::string before = type == ';' ? "$?\r\n" : "";
    for (const std::string_view length :
         {"", "+3", "03", "00", "-0", "-2", "-1x", "3abc", " 3", "3 ", "0x3", "?3", "--1"}) {
      const std::string stream = before + type + std::string(length) + "\r\n";
      EXPECT_EQ(transcript(stream), error_line(Error::kBadLength)) << stream;
    }
    const Error too_large = type == '|'              ? Error::kTooManyAttributes
                            : "$!=;"s.contains(type) ? Error::kBulkTooLong
                                                     : Error::kTooManyElements;
    for (const std::string_view length :
         {"2147483648", "4294967296", "4611686018427387904", "9223372036854775807",
          "9223372036854775808", "18446744073709551613", "18446744073709551614",
          "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999"}) {
      const std::string stream = before + type + std::string(length) + "\r\n";
      EXPECT_EQ(transcript(stream), error_line(too_large)) << stream;
    }
  }
}

TEST(Parser, AcceptsALineAtItsLimitAndRefusesOneByteMore) {
  const Limits limits;
  for (const auto& [type, fill, limit] :
       {std::tuple{'+', 'a', limits.simple_string}, std::tuple{'-', 'a', limits.simple_string},
        std::tuple{'(', '1', limits.simple_string}, std::tuple{',', '1', limits.header_line}}) {
    const std::string at = type + std::string(limit, fill) + "\r\n";
    const std::string past = type + std::string(limit + 1, fill) + "\r\n";
    EXPECT_FALSE(transcript(at).contains("error")) << type;
    EXPECT_FALSE(transcript(at, single_bytes(at)).contains("error")) << type;
    EXPECT_EQ(transcript(past), error_line(Error::kLineTooLong)) << type;
    EXPECT_EQ(transcript(past, single_bytes(past)), error_line(Error::kLineTooLong)) << type;
    // Without any end of line, the line is too long as soon as no end could be in time.
    const std::string endless = type + std::string(limit + 2, fill);
    EXPECT_EQ(transcript(endless.substr(0, endless.size() - 1)), "") << type;
    EXPECT_EQ(transcript(endless), error_line(Error::kLineTooLong)) << type;
  }
}

TEST(Parser, AcceptsABulkStringAtItsLimitAndRefusesOneByteMore) {
  const Limits limits{.bulk = 10};
  EXPECT_EQ(transcript("$10\r\n0123456789\r\n", {}, limits), "\"0123456789\"\n");
  EXPECT_EQ(transcript("$11\r\n", {}, limits), error_line(Error::kBulkTooLong));
  EXPECT_EQ(transcript("$?\r\n;6\r\n012345\r\n;4\r\n6789\r\n;0\r\n", {}, limits),
            "\"0123456789\"\n");
  EXPECT_EQ(transcript("$?\r\n;6\r\n012345\r\n;5\r\n", {}, limits),
            error_line(Error::kBulkTooLong));
}

TEST(Parser, AcceptsElementsUpToTheLimitAndRefusesOneMore) {
  const Limits limits{.elements = 4};
  EXPECT_EQ(transcript("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", {}, limits), "*[:1, :2, :3, :4]\n");
  EXPECT_EQ(transcript("*5\r\n", {}, limits), error_line(Error::kTooManyElements));
  EXPECT_EQ(transcript("%2\r\n:1\r\n:2\r\n:3\r\n:4\r\n", {}, limits), "%[:1, :2, :3, :4]\n");
  EXPECT_EQ(transcript("%3\r\n", {}, limits), error_line(Error::kTooManyElements));
  EXPECT_EQ(transcript("*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", {}, limits), "*[*[:1, :2], :3]\n");
  EXPECT_EQ(transcript("*2\r\n*3\r\n", {}, limits), error_line(Error::kTooManyElements));
  EXPECT_EQ(transcript("*?\r\n:1\r\n:2\r\n:3\r\n:4\r\n.\r\n", {}, limits), "*[:1, :2, :3, :4]\n");
  EXPECT_EQ(transcript("*?\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n", {}, limits),
            error_line(Error::kTooManyElements));
  // Attributes without a pair are values too, else a run of them would have no end.
  EXPECT_EQ(transcript("|0\r\n|0\r\n|0\r\n|0\r\n:1\r\n:2\r\n", {}, limits),
            "|[] |[] |[] |[] :1\n:2\n");
  EXPECT_EQ(transcript("|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n", {}, limits),
            error_line(Error::kTooManyElements));
}

TEST(Parser, AcceptsAttributePairsUpToTheLimitAndRefusesOneMore) {
  std::string at = "|64\r\n";
  for (int i = 0; i < 128; ++i) at += ":1\r\n";
  EXPECT_TRUE(transcript(at + "+v\r\n").ends_with(" +\"v\"\n"));
  EXPECT_EQ(transcript("|65\r\n"), error_line(Error::kTooManyAttributes));
}

TEST(Parser, AcceptsReplyBytesUpToTheLimitAndRefusesOneMore) {
  const Limits limits{.reply = 13};
  EXPECT_EQ(transcript("*2\r\n$3\r\nabc\r\n", {}, limits), "");
  EXPECT_EQ(transcript("*1\r\n$3\r\nabc\r\n+ok\r\n", {}, limits), "*[\"abc\"]\n+\"ok\"\n");
  EXPECT_EQ(transcript("*1\r\n$4\r\n", {}, limits), error_line(Error::kReplyTooLong));
  const std::string lines = "*2\r\n+a\r\n+bcd\r\n";
  EXPECT_EQ(transcript(lines, {}, limits), error_line(Error::kReplyTooLong));
  EXPECT_EQ(transcript(lines, single_bytes(lines), limits), error_line(Error::kReplyTooLong));
}

TEST(Parser, AcceptsThirtyTwoLevelsOfEveryAggregateAndRefusesThirtyThree) {
  for (const std::string level :
       {"*1\r\n", "~1\r\n", "%1\r\n:0\r\n", "*?\r\n", "~?\r\n", "%?\r\n:0\r\n", "|1\r\n:0\r\n"}) {
    std::string nested;
    for (int depth = 0; depth < 32; ++depth) nested += level;
    EXPECT_EQ(transcript(nested), "") << level;
    EXPECT_EQ(transcript(nested + level), error_line(Error::kTooDeep)) << level;
    EXPECT_EQ(transcript(nested + "*0\r\n"), error_line(Error::kTooDeep)) << level;
  }
  std::string push = ">2\r\n+p\r\n";
  for (int depth = 1; depth < 32; ++depth) push += "*1\r\n";
  EXPECT_TRUE(transcript(push + ":1\r\n").starts_with(">[+\"p\", *[*["));
  EXPECT_EQ(transcript(push + "*1\r\n"), error_line(Error::kTooDeep));
}

TEST(Parser, DoesNotRecurseHoweverDeepItIsAllowedToGo) {
  constexpr std::size_t kDepth = 200'000;
  std::string nested;
  for (std::size_t depth = 0; depth < kDepth; ++depth) nested += "*1\r\n";
  nested += ":7\r\n";
  Parser parser({.depth = kDepth});
  Parser other({.depth = kDepth});
  std::vector<std::uint8_t> bytes(nested.begin(), nested.end());
  MutableBytes input = bytes;
  MutableBytes same = bytes;
  const auto reply = parser.receive(input);
  const auto twin = other.receive(same);
  ASSERT_TRUE(reply && *reply && twin && *twin);
  EXPECT_EQ(to_text(**reply).size(), 3 * kDepth + 2);
  EXPECT_TRUE(**reply == **twin);
}

// Runs `work` in a thread of its own with 64 KiB of stack.
template <class Work>
void run_on_a_small_stack(Work work) {
  pthread_attr_t attributes{};
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{64} << 10), 0);
  pthread_t thread{};
  const auto start = [](void* argument) -> void* {
    (*static_cast<Work*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, &work), 0);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(Parser, GoesAMillionLevelsDeepOnASmallStack) {
  constexpr std::size_t kDepth = 1'000'000;
  for (const std::string level : {"*1\r\n", "*?\r\n"}) {
    std::string nested;
    for (std::size_t depth = 0; depth < kDepth; ++depth) nested += level;
    nested += ":7\r\n";
    if (level.contains('?')) {
      for (std::size_t depth = 0; depth < kDepth; ++depth) nested += ".\r\n";
    }
    std::size_t printed = 0;
    bool equal = false;
    run_on_a_small_stack([&] {
      Parser parser({.depth = kDepth, .elements = 2 * kDepth});
      std::vector<std::uint8_t> bytes(nested.begin(), nested.end());
      MutableBytes input = bytes;
      const auto reply = parser.receive(input);
      if (!reply || !*reply) return;
      printed = to_text(**reply).size();
      equal = **reply == **reply;
    });
    EXPECT_GT(printed, 2 * kDepth) << level;
    EXPECT_TRUE(equal) << level;
  }
}

TEST(Parser, RepeatsAnErrorWhateverFollows) {
  for (const auto& [stream, error] : kBad) {
    Parser parser;
    EXPECT_EQ(transcript(stream, {}, parser), error_line(error));
    EXPECT_EQ(transcript("+OK\r\n", {}, parser), error_line(error)) << stream;
    parser.reset();
    EXPECT_EQ(transcript("+OK\r\n", {}, parser), "+\"OK\"\n") << stream;
  }
}

TEST(Parser, AllocatesForWhatHasArrivedAndNotForWhatWasAnnounced) {
  for (const std::string_view announcement :
       {"*1000000\r\n", "%500000\r\n", "~1000000\r\n", ">1000000\r\n", "$67108864\r\n",
        "=67108864\r\n", "|64\r\n", "*?\r\n$?\r\n;67108864\r\n"}) {
    std::vector<std::uint8_t> bytes(announcement.begin(), announcement.end());
    Parser parser;
    MutableBytes input = bytes;
    const MemoryMeter meter;
    const auto reply = parser.receive(input);
    const std::size_t taken = meter.most_held();
    ASSERT_TRUE(reply && !*reply) << announcement;
    EXPECT_LT(taken, 4096u) << announcement;
  }
}

TEST(Parser, DoesNotAllocateForRepliesInOnePieceOnceItHasReadOne) {
  const std::string_view stream = "+OK\r\n$5\r\nhello\r\n*2\r\n:1\r\n:2\r\n%1\r\n+a\r\n,1.5\r\n";
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  Parser parser;
  MutableBytes input = bytes;
  while (*parser.receive(input)) {
  }
  input = bytes;
  const MemoryMeter meter;
  int replies = 0;
  while (*parser.receive(input)) ++replies;
  EXPECT_EQ(meter.allocations(), 0u);
  EXPECT_EQ(replies, 4);
  EXPECT_EQ(parser.usage().copied, 0u);
}

// The work for a stream, in bytes scanned and copied.
std::uint64_t work(std::string_view stream, const std::vector<std::size_t>& cuts) {
  Parser parser;
  transcript(stream, cuts, parser);
  return parser.usage().scanned + parser.usage().copied;
}

TEST(Parser, WorksInProportionToTheBytesHoweverTheyArrive) {
  const std::string line = "+" + std::string(60'000, 'a');  // no end of line
  const std::string bulk = "$100000\r\n" + std::string(100'000, 'b') + "\r\n";
  std::string array = "*20000\r\n";
  for (int i = 0; i < 20'000; ++i) array += ":1\r\n";
  std::string streamed = "$?\r\n";
  for (int i = 0; i < 20'000; ++i) streamed += ";1\r\nc\r\n";
  streamed += ";0\r\n";
  for (const std::string& stream : {line, bulk, array, streamed}) {
    EXPECT_LE(work(stream, single_bytes(stream)), 3 * stream.size());
    EXPECT_LE(work(stream, {}), 3 * stream.size());
  }
  EXPECT_GE(work(line, single_bytes(line)), line.size());
}

TEST(Parser, CopiesOnlyTheReplyThatIsCutInTwo) {
  const std::string first = "$10\r\n0123456789\r\n";
  const std::string stream = first + std::string("$1000\r\n") + std::string(1000, 'x') + "\r\n";
  Parser parser;
  transcript(stream, {5}, parser);
  EXPECT_EQ(parser.usage().copied, first.size());
}

TEST(Parser, ReadsDoublesInTheSameWayInEveryLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* const locale : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "C"}) {
    if (std::setlocale(LC_NUMERIC, locale) == nullptr) continue;
    std::string stream = ",1.5\r\n";
    std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
    MutableBytes input = bytes;
    Parser parser;
    const auto reply = parser.receive(input);
    ASSERT_TRUE(reply && *reply) << locale;
    EXPECT_EQ((*reply)->number(), 1.5) << locale;
  }
  std::setlocale(LC_NUMERIC, before.c_str());
}

TEST(Parser, SurvivesAMillionElements) {
  std::string stream = "*1000000\r\n";
  for (int i = 0; i < 1'000'000; ++i) stream += "_\r\n";
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  MutableBytes input = bytes;
  Parser parser;
  const auto reply = parser.receive(input);
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->size(), 1'000'000u);
  EXPECT_EQ(transcript("*1000001\r\n"), error_line(Error::kTooManyElements));
}

}  // namespace
}  // namespace heliograph::resp
