// Any bytes, cut anywhere: the same replies and the same error as in one piece, and work in
// proportion to the bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "resp/parser.hpp"

namespace {

using namespace heliograph;

// Deep enough that recursion would show, small enough that limits are met.
constexpr resp::Limits kLimits{.depth = 1'000'000,
                               .elements = 10'000,
                               .bulk = 1000,
                               .simple_string = 100,
                               .attribute_pairs = 4,
                               .reply = 100'000};

std::string transcript(Bytes stream, std::uint64_t cuts) {
  resp::Parser parser(kLimits);
  std::string text;
  const std::size_t size = stream.size();
  while (!stream.empty()) {
    const std::size_t take = cuts == 0 ? stream.size() : 1 + cuts % 7;
    cuts = cuts / 7 + (cuts % 7 << 40);
    const Bytes front = stream.first(std::min(take, stream.size()));
    stream = stream.subspan(front.size());
    std::vector<std::uint8_t> piece(front.begin(), front.end());
    MutableBytes input = piece;
    while (true) {
      const auto reply = parser.receive(input);
      if (!reply) {
        if (parser.receive(input) != reply) std::abort();
        return text + std::string(describe(reply.error()));
      }
      if (!*reply) break;
      if (!(**reply == **reply)) std::abort();
      text += to_text(**reply) + "\n";
    }
    if (!input.empty()) std::abort();
  }
  if (parser.usage().scanned > 2 * size || parser.usage().copied > 2 * size) std::abort();
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream(data + 1, size - 1);
  const std::string whole = transcript(stream, 0);
  if (transcript(stream, 1 + data[0] * 1'000'003ull) != whole) std::abort();
  return 0;
}
