#include "ws/deflate.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace heliograph::ws {
namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 20;

std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 12345;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>(state >> 24);
  }
  return text;
}

// What does not become shorter is nothing.
std::string compress(MessageDeflate& deflate, std::string_view text) {
  Buffer out;
  const Bytes piece = as_bytes(text);
  const bool shorter = deflate.compress({&piece, 1}, out);
  EXPECT_EQ(shorter, !out.empty());
  return std::string(out.text());
}

Result<std::string, Error> decompress(MessageDeflate& deflate, std::string_view message,
                                      std::size_t limit = kNoLimit) {
  Buffer out;
  if (auto done = deflate.decompress(as_bytes(message), limit, out); !done) {
    return fail(done.error());
  }
  return std::string(out.text());
}

// Text that can be compressed, in which little repeats.
std::string words(std::size_t size, unsigned seed) {
  std::string text;
  for (std::uint32_t state = seed; text.size() < size;) {
    state = state * 1664525 + 1013904223;
    text += "abcdefghijklmnop"[state >> 28];
  }
  return text;
}

constexpr std::array<DeflateMemory, 3> kMemories = {DeflateMemory::kShared, DeflateMemory::kWindow,
                                                    DeflateMemory::kDedicated};

TEST(Deflate, MessagesComeOutAsTheyWentInWhereverTheStreamsAre) {
  for (const DeflateMemory memory : kMemories) {
    for (const DeflateMemory peer : kMemories) {
      for (const bool takeover : {false, true}) {
        for (const std::uint8_t bits : std::array<std::uint8_t, 3>{9, 12, 15}) {
          const DeflateParameters parameters{!takeover, !takeover, bits, bits};
          DeflatePool pool;
          MessageDeflate client(Role::kClient, parameters, pool, peer);
          MessageDeflate server(Role::kServer, parameters, pool, memory);
          for (const std::string& text : {words(1000, 1), std::string(100'000, 'a'),
                                          words(70'000, 2), words(1000, 1), words(70'000, 2)}) {
            EXPECT_EQ(decompress(server, compress(client, text)), text);
            EXPECT_EQ(decompress(client, compress(server, text)), text);
          }
        }
      }
    }
  }
}

TEST(Deflate, WhatWouldNotBecomeShorterIsLeftAsItIs) {
  DeflatePool pool;
  MessageDeflate client(Role::kClient, {}, pool);
  MessageDeflate server(Role::kServer, {}, pool);
  const std::string text = words(500, 3);
  EXPECT_EQ(decompress(server, compress(client, text)), text);
  EXPECT_EQ(compress(client, noise(70'000)), "");
  EXPECT_EQ(compress(client, ""), "");
  // The window is still the one that the peer has.
  const std::string again = compress(client, text);
  EXPECT_LT(again.size(), 20U);
  EXPECT_EQ(decompress(server, again), text);
}

TEST(Deflate, WithAWindowThatZlibHasNotNothingIsCompressed) {
  const DeflateParameters smallest{.client_max_window_bits = 8};
  for (const DeflateMemory memory : kMemories) {
    DeflatePool pool;
    MessageDeflate client(Role::kClient, smallest, pool, memory);
    MessageDeflate server(Role::kServer, smallest, pool, memory);
    const std::string text = words(500, 9);
    EXPECT_EQ(compress(client, text), "");
    EXPECT_EQ(decompress(client, compress(server, text)), text);
  }
}

TEST(Deflate, AStreamOfItsOwnTakesEverything) {
  DeflatePool pool;
  MessageDeflate client(Role::kClient, {}, pool, DeflateMemory::kDedicated);
  MessageDeflate server(Role::kServer, {}, pool, DeflateMemory::kDedicated);
  for (const std::string& text : {std::string(), std::string("Hello"), noise(70'000)}) {
    EXPECT_EQ(decompress(server, compress(client, text)), text);
  }
}

// The examples of RFC 7692 section 7.2.3.
TEST(Deflate, ReadsTheExamplesOfTheStandard) {
  DeflatePool pool;
  MessageDeflate server(Role::kServer, {}, pool);
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  EXPECT_EQ(decompress(server, hello), "Hello");
  // The second one refers to the first.
  EXPECT_EQ(decompress(server, std::string("\xf2\x00\x11\x00\x00", 5)), "Hello");
  // A block without compression, a final block, and two blocks.
  EXPECT_EQ(decompress(server, std::string("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11)),
            "Hello");
  EXPECT_EQ(decompress(server, std::string("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8)), "Hello");
  EXPECT_EQ(
      decompress(server, std::string("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13)),
      "Hello");
}

// RFC 7692 section 7.2.3.4: the last block of a message may be the last one of its stream.
TEST(Deflate, AFinalBlockEndsAStreamAndNotTheWindow) {
  const std::string last("\xf3\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string again("\xf2\x00\x11\x00\x00", 5);
  for (const DeflateMemory memory : {DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
    DeflatePool pool;
    MessageDeflate server(Role::kServer, {}, pool, memory);
    EXPECT_EQ(decompress(server, last + '\0'), "Hello");
    EXPECT_EQ(decompress(server, again), "Hello");
    // Without the empty block behind it, which not every peer sends.
    EXPECT_EQ(decompress(server, last), "Hello");
    EXPECT_EQ(decompress(server, again), "Hello");
    EXPECT_EQ(decompress(server, last + again), "HelloHello");
    EXPECT_EQ(decompress(server, last + last + '\0'), "HelloHello");
  }
}

TEST(Deflate, AMessageTakesFinalBlocksAtTheLimitAndRefusesOnePast) {
  const std::string full("\xf3\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string empty("\x03\x00", 2);
  for (const DeflateMemory memory : kMemories) {
    DeflatePool pool;
    MessageDeflate server(Role::kServer, {}, pool, memory);
    std::string message = full;
    for (std::size_t i = 1; i < kMaxFinalBlocks; ++i) message += empty;
    // Each message has its own count.
    EXPECT_EQ(decompress(server, message), "Hello");
    EXPECT_EQ(decompress(server, message + '\0'), "Hello");
    EXPECT_EQ(decompress(server, message + empty).error(), Error::kTooManyFinalBlocks);
  }
}

TEST(Deflate, AnEmptyMessageIsAnEmptyBlockOrNothing) {
  DeflatePool pool;
  MessageDeflate server(Role::kServer, {}, pool);
  EXPECT_EQ(decompress(server, std::string(1, '\0')), "");
  EXPECT_EQ(decompress(server, ""), "");
  EXPECT_EQ(decompress(server, "", 0), "");
}

TEST(Deflate, AMessageThatIsCutOffIsRefused) {
  DeflatePool pool;
  const DeflateParameters alone{true, true, 15, 15};
  MessageDeflate client(Role::kClient, alone, pool);
  const std::string whole = compress(client, words(300, 8));
  int refused = 0;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    MessageDeflate server(Role::kServer, alone, pool);
    const auto plain = decompress(server, whole.substr(0, size));
    refused += plain ? 0 : 1;
    if (!plain) {
      EXPECT_EQ(plain.error(), Error::kInvalidDeflate);
    }
  }
  // A cut can happen to stand behind a block only.
  EXPECT_GE(refused, static_cast<int>(whole.size()) - 2);
}

TEST(Deflate, WritesTheExampleOfTheStandard) {
  DeflatePool pool;
  MessageDeflate server(Role::kServer, {}, pool, DeflateMemory::kDedicated);
  EXPECT_EQ(compress(server, "Hello"), std::string("\xf2\x48\xcd\xc9\xc9\x07\x00", 7));
  EXPECT_EQ(compress(server, "Hello"), std::string("\xf2\x00\x11\x00\x00", 5));
}

TEST(Deflate, ForgetsWhatWasSentWithoutContextTakeover) {
  DeflatePool pool;
  const DeflateParameters alone{.server_no_context_takeover = true};
  MessageDeflate server(Role::kServer, alone, pool);
  EXPECT_TRUE(server.sends_alone());
  const std::string text = words(500, 4);
  EXPECT_EQ(compress(server, text), compress(server, text));
  EXPECT_FALSE(MessageDeflate(Role::kClient, alone, pool).sends_alone());
}

TEST(Deflate, OneStreamServesManyConnections) {
  DeflatePool pool;
  MessageDeflate first(Role::kServer, {}, pool);
  MessageDeflate second(Role::kServer, {}, pool);
  MessageDeflate reads_first(Role::kClient, {}, pool);
  MessageDeflate reads_second(Role::kClient, {}, pool);
  for (int i = 0; i < 10; ++i) {
    const std::string one = "one " + std::to_string(i) + words(100, 5);
    const std::string two = "two " + std::to_string(i) + words(90, 6);
    const std::string of_first = compress(first, one);
    const std::string of_second = compress(second, two);
    EXPECT_EQ(decompress(reads_second, of_second), two);
    EXPECT_EQ(decompress(reads_first, of_first), one);
  }
}

TEST(Deflate, StopsAtTheLimit) {
  DeflatePool pool;
  const DeflateParameters alone{true, true, 15, 15};
  MessageDeflate client(Role::kClient, alone, pool);
  MessageDeflate server(Role::kServer, alone, pool);
  const std::string bomb = compress(client, std::string(1'000'000, 'a'));
  EXPECT_LT(bomb.size(), 10'000U);
  EXPECT_TRUE(decompress(server, bomb, 1'000'000));
  EXPECT_EQ(decompress(server, bomb, 999'999).error(), Error::kMessageTooBig);
  Buffer out;
  EXPECT_FALSE(server.decompress(as_bytes(bomb), 1000, out));
  EXPECT_EQ(out.size(), 1001U);
  // And is as good as new.
  const std::string next = words(100, 7);
  EXPECT_EQ(decompress(server, compress(client, next)), next);
}

TEST(Deflate, WhatIsNoStreamIsRefused) {
  DeflatePool pool;
  MessageDeflate server(Role::kServer, {}, pool);
  EXPECT_EQ(decompress(server, "\xff\xff\xff").error(), Error::kInvalidDeflate);
  // A distance that reaches behind the beginning.
  EXPECT_EQ(decompress(server, std::string("\xf2\x00\x11\x00\x00", 5)).error(),
            Error::kInvalidDeflate);
}

TEST(SlidingWindow, KeepsTheLastBytes) {
  SlidingWindow window(4);
  window.append(as_bytes("ab"));
  EXPECT_EQ(as_text(window.bytes()), "ab");
  window.append(as_bytes("cde"));
  EXPECT_EQ(as_text(window.bytes()), "bcde");
  window.append(as_bytes("fghijk"));
  EXPECT_EQ(as_text(window.bytes()), "hijk");
  window.append(as_bytes("lmno"));
  EXPECT_EQ(as_text(window.bytes()), "lmno");
  SlidingWindow nothing(0);
  nothing.append(as_bytes("abc"));
  EXPECT_TRUE(nothing.bytes().empty());
}

}  // namespace
}  // namespace heliograph::ws
