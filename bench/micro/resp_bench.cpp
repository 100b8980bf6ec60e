// The parser of Redis replies beside hiredis, which makes a tree of objects of each.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <hiredis/hiredis.h>

#include "base/bytes.hpp"
#include "bench/micro/primitives.hpp"
#include "resp/parser.hpp"

namespace heliograph::bench {
namespace {

constexpr std::size_t kReplies = 100;

std::string get_replies() {
  std::string text;
  for (std::size_t i = 0; i < kReplies; ++i) {
    text += "$64\r\n" + std::string(64, static_cast<char>('a' + i % 26)) + "\r\n";
  }
  return text;
}

std::string array_reply() {
  std::string text = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) text += "$10\r\nuser:" + std::to_string(10000 + i) + "\r\n";
  return text;
}

// Both take the stream in pieces of `piece` bytes, and look at each reply once.
void heliograph(benchmark::State& state, std::string stream, std::size_t piece,
                std::size_t expected) {
  const std::size_t size = stream.size();
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(stream.data()), size);
  resp::Parser parser;
  for ([[maybe_unused]] const auto _ : state) {
    std::size_t replies = 0;
    for (std::size_t at = 0; at < size; at += piece) {
      MutableBytes input = bytes.subspan(at, std::min(piece, size - at));
      for (;;) {
        const auto reply = parser.receive(input);
        if (!reply || !*reply) break;
        benchmark::DoNotOptimize((*reply)->size());
        ++replies;
      }
    }
    require(replies == expected, "every reply is read");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(expected));
}

void hiredis(benchmark::State& state, const std::string& stream, std::size_t piece,
             std::size_t expected) {
  const Owned<redisReader, redisReaderFree> reader(redisReaderCreate());
  for ([[maybe_unused]] const auto _ : state) {
    std::size_t replies = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      redisReaderFeed(reader.get(), stream.data() + at, std::min(piece, stream.size() - at));
      for (void* reply = nullptr;
           redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply != nullptr;) {
        benchmark::DoNotOptimize(reply);
        freeReplyObject(reply);
        ++replies;
      }
    }
    require(replies == expected, "every reply is read");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(expected));
}

constexpr std::size_t kWhole = SIZE_MAX / 2;
// A segment of TCP, and less than any reply.
constexpr std::size_t kSegment = 1448;
constexpr std::size_t kCrumb = 16;

BENCHMARK_CAPTURE(heliograph, get, get_replies(), kWhole, kReplies)->Name("resp/get/heliograph");
BENCHMARK_CAPTURE(hiredis, get, get_replies(), kWhole, kReplies)->Name("resp/get/hiredis");
BENCHMARK_CAPTURE(heliograph, segments, get_replies(), kSegment, kReplies)
    ->Name("resp/get_in_segments/heliograph");
BENCHMARK_CAPTURE(hiredis, segments, get_replies(), kSegment, kReplies)
    ->Name("resp/get_in_segments/hiredis");
BENCHMARK_CAPTURE(heliograph, crumbs, get_replies(), kCrumb, kReplies)
    ->Name("resp/get_in_crumbs/heliograph");
BENCHMARK_CAPTURE(hiredis, crumbs, get_replies(), kCrumb, kReplies)
    ->Name("resp/get_in_crumbs/hiredis");
BENCHMARK_CAPTURE(heliograph, array, array_reply(), kWhole, 1)->Name("resp/array/heliograph");
BENCHMARK_CAPTURE(hiredis, array, array_reply(), kWhole, 1)->Name("resp/array/hiredis");
BENCHMARK_CAPTURE(heliograph, array_segments, array_reply(), kSegment, 1)
    ->Name("resp/array_in_segments/heliograph");
BENCHMARK_CAPTURE(hiredis, array_segments, array_reply(), kSegment, 1)
    ->Name("resp/array_in_segments/hiredis");

}  // namespace
}  // namespace heliograph::bench
