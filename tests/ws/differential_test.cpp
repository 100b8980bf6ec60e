// The machine against the naive reference, on random streams cut in random ways.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ws/harness.hpp"
#include "tests/ws/reference.hpp"
#include "ws/connection.hpp"

namespace heliograph::ws {
namespace {

using reference::Transcript;

constexpr Limits kSmallLimits = {.max_message = 400, .max_frames_per_message = 6};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string payload(std::size_t size, bool text) {
    static const std::vector<std::string> kPieces = {
        "a", "Hello", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "0123456789"};
    std::string bytes;
    while (bytes.size() < size) {
      bytes += text ? kPieces[below(kPieces.size())] : std::string(1, static_cast<char>(random_()));
    }
    // Cuts a character now and then.
    if (below(2) == 0) bytes.resize(size);
    return bytes;
  }

  // Mostly well-formed frames; the bits that make them so are sometimes flipped.
  std::string stream(Role role) {
    std::string bytes;
    bool in_message = false;
    bool text = false;
    const std::size_t count = 1 + below(20);
    for (std::size_t i = 0; i < count; ++i) {
      unsigned opcode = 0;
      bool final = true;
      if (below(3) == 0) {
        opcode = static_cast<unsigned>(below(12) == 0 ? 8 : 9 + below(2));
      } else {
        final = below(2) == 0;
        if (!in_message) text = below(2) == 0;
        opcode = in_message ? 0 : text ? 1 : 2;
        in_message = !final;
      }
      const std::size_t size = below(5) == 0 ? 120 + below(20) : below(12);
      std::string data = opcode == 8 ? close_payload() : payload(size, text);
      if (opcode >= 8) data.resize(std::min<std::size_t>(data.size(), below(20) == 0 ? 126 : 125));
      std::optional<MaskKey> mask;
      if (role == Role::kServer) mask = {1, static_cast<std::uint8_t>(random_()), 0, 255};
      bytes += with_odd_length(frame((final ? 0x80U : 0U) | opcode, data, mask));
    }
    if (below(3) == 0) flip_bit(bytes[below(bytes.size())]);
    if (below(4) == 0) bytes.resize(1 + below(bytes.size()));
    return bytes;
  }

 private:
  void flip_bit(char& byte) {
    const auto value = static_cast<std::uint8_t>(byte);
    byte = static_cast<char>(value ^ 1U << below(8));
  }

  // Sometimes puts a short length into a longer form, or sets the top bit of the longest one.
  std::string with_odd_length(std::string frame) {
    const auto second = static_cast<std::uint8_t>(frame[1]);
    if (below(50) != 0 || (second & 127) >= 126) return frame;
    const std::size_t width = below(2) == 0 ? 2 : 8;
    std::string length(width, '\0');
    length.back() = static_cast<char>(second & 127);
    if (below(2) == 0) length.front() = '\x80';
    frame[1] = static_cast<char>((second & 128) | (width == 2 ? 126 : 127));
    return frame.insert(2, length);
  }

  std::string close_payload() {
    if (below(4) == 0) return payload(below(2), true);
    const std::size_t code = below(4) == 0 ? below(65536) : 1000 + below(16);
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} +
           payload(below(9), true);
  }

  std::mt19937 random_;
};

void compare(Role role, unsigned seed) {
  Generator generator(seed);
  const std::string stream = generator.stream(role);
  const Transcript expected = reference::Reader(role, kSmallLimits).read(stream);
  const auto whole = [&] { return stream.size(); };
  const auto single = [] { return std::size_t{1}; };
  const auto any = [&] { return 1 + generator.below(40); };

  EXPECT_EQ(run(role, kSmallLimits, stream, whole), expected);
  EXPECT_EQ(run(role, kSmallLimits, stream, any), expected);
  EXPECT_EQ(run(role, kSmallLimits, stream, single), expected);
}

TEST(WsDifferential, AServerSaysWhatTheReferenceSaysHoweverTheStreamIsCut) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    compare(Role::kServer, seed);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(WsDifferential, AClientSaysWhatTheReferenceSaysHoweverTheStreamIsCut) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    compare(Role::kClient, seed);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

// A generator of streams that never get far would make the tests above worthless.
TEST(WsDifferential, TheStreamsReachEveryEventAndEveryError) {
  std::vector<int> errors(static_cast<std::size_t>(Error::kInvalidCloseReason) + 1);
  int texts = 0;
  int binaries = 0;
  int pongs = 0;
  int closes = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      Generator generator(seed);
      const Transcript seen = reference::Reader(role, kSmallLimits).read(generator.stream(role));
      for (const std::string& event : seen.events) {
        texts += event.starts_with("text:") ? 1 : 0;
        binaries += event.starts_with("binary:") ? 1 : 0;
        pongs += event.starts_with("pong:") ? 1 : 0;
        closes += event.starts_with("close:") ? 1 : 0;
      }
      if (seen.error) ++errors[static_cast<std::size_t>(*seen.error)];
    }
  }
  EXPECT_GT(texts, 1000);
  EXPECT_GT(binaries, 1000);
  EXPECT_GT(pongs, 1000);
  EXPECT_GT(closes, 100);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    // Nothing is compressed here.
    const auto error = static_cast<Error>(i);
    if (error == Error::kInvalidDeflate || error == Error::kTooManyFinalBlocks) continue;
    EXPECT_GT(errors[i], 0) << describe(error);
  }
}

}  // namespace
}  // namespace heliograph::ws
