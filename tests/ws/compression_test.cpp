// permessage-deflate on a connection (RFC 7692 section 6).

#include <gtest/gtest.h>

#include "tests/ws/harness.hpp"
#include "ws/connection.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits{.max_message = 1000, .max_frames_per_message = 100};

class Compression : public testing::Test {
 protected:
  static std::unique_ptr<MessageDeflate> deflate(Role role, DeflatePool& pool) {
    return std::make_unique<MessageDeflate>(role, DeflateParameters{}, pool);
  }

  // What the server reports for the stream, fed in segments of `piece` bytes.
  reference::Transcript read(const std::string& stream, std::size_t piece = 1U << 20,
                             bool closing = false) {
    Connection server(Role::kServer, kLimits, deflate(Role::kServer, pool_));
    reference::Transcript transcript;
    Buffer output;
    if (closing) server.close(CloseCode::kNormal, {}, output);
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      feed_segment(server, std::string_view(stream).substr(at, piece), output, transcript);
    }
    return transcript;
  }

  std::string sent(std::string_view text) {
    Buffer output;
    client_.send(Opcode::kText, as_bytes(text), output);
    return std::string(output.text());
  }

  DeflatePool pool_;
  Connection client_{Role::kClient, kLimits, deflate(Role::kClient, pool_)};
};

// 0xc1: FIN, RSV1, text. 0x41: without FIN.
constexpr unsigned kCompressedText = 0xc1;
constexpr unsigned kCompressedStart = 0x41;
const std::string kHello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);

TEST_F(Compression, MessagesAreReadInAnyPieces) {
  const std::string stream =
      sent(std::string(900, 'x')) + frame(kCompressedText, kHello) + frame(0x81, "plain");
  const std::vector<std::string> events = {"text:" + std::string(900, 'x'), "text:Hello",
                                           "text:plain"};
  for (const std::size_t piece : {1U, 3U, 1U << 20}) EXPECT_EQ(read(stream, piece).events, events);
}

TEST_F(Compression, LongMessagesAreSentCompressedAndShortOnesAreNot) {
  EXPECT_LT(sent(std::string(900, 'x')).size(), 50U);
  EXPECT_EQ(sent("short").size(), 2U + 4 + 5);
}

TEST_F(Compression, MayBeFragmentedWithControlFramesBetween) {
  const std::string stream = frame(kCompressedStart, kHello.substr(0, 3)) + frame(0x89, "ping") +
                             frame(0x00, kHello.substr(3, 1)) + frame(0x80, kHello.substr(4));
  for (const std::size_t piece : {1U, 1U << 20}) {
    EXPECT_EQ(read(stream, piece).events, std::vector<std::string>{"text:Hello"});
  }
}

TEST_F(Compression, IsMarkedOnTheFirstFrameOfAMessageOnly) {
  for (const std::string& stream : {frame(kCompressedStart, "") + frame(0xc0, ""), frame(0xc9, ""),
                                    frame(0xca, ""), frame(0xa1, ""), frame(0x91, "")}) {
    EXPECT_EQ(read(stream).error, Error::kReservedBit);
  }
  Connection without(Role::kServer, kLimits);
  reference::Transcript transcript;
  Buffer output;
  feed_segment(without, frame(kCompressedText, kHello), output, transcript);
  EXPECT_EQ(transcript.error, Error::kReservedBit);
}

TEST_F(Compression, TheLimitIsThatOfWhatComesOut) {
  Connection generous(Role::kClient, {.max_message = 1U << 20, .max_frames_per_message = 10},
                      deflate(Role::kClient, pool_));
  Buffer output;
  generous.send(Opcode::kText, as_bytes(std::string(1001, 'x')), output);
  EXPECT_EQ(read(std::string(output.text())).error, Error::kMessageTooBig);
  EXPECT_EQ(read(frame(kCompressedText, std::string(2000, 'x'))).error, Error::kMessageTooBig);
}

TEST_F(Compression, TextIsCheckedAfterInflating) {
  DeflatePool pool;
  Buffer bad;
  const Bytes piece = as_bytes("\xff");
  pool.compress({}, kMaxWindowBits, {&piece, 1}, bad);
  EXPECT_EQ(read(frame(kCompressedText, bad.text())).error, Error::kInvalidUtf8);
  EXPECT_EQ(read(frame(0xc2, bad.text())).events, std::vector<std::string>{"binary:\xff"});
  EXPECT_EQ(read(frame(kCompressedText, "\xff\xff\xff")).error, Error::kInvalidDeflate);
}

TEST_F(Compression, FinalBlocksWithoutEndAreRefusedHoweverTheyAreCut) {
  std::string blocks;
  while (blocks.size() < kLimits.max_message) blocks += std::string("\x03\x00", 2);
  for (const std::size_t piece : {1U, 1U << 20}) {
    EXPECT_EQ(read(frame(0xc2, blocks), piece).error, Error::kTooManyFinalBlocks);
  }
}

TEST_F(Compression, MessagesAfterOurCloseAreDropped) {
  Connection server(Role::kServer, kLimits, deflate(Role::kServer, pool_));
  Buffer output;
  server.close(CloseCode::kNormal, {}, output);
  reference::Transcript transcript;
  feed_segment(server, frame(kCompressedText, kHello) + frame(0x88, ""), output, transcript);
  EXPECT_EQ(transcript.events, std::vector<std::string>{"close:1005:"});
}

TEST_F(Compression, MessagesAfterOurCloseAreNotInflated) {
  const std::string no_stream = "\xff\xff\xff";
  for (const std::string& message :
       {frame(kCompressedText, no_stream), frame(kCompressedStart, no_stream) + frame(0x80, "")}) {
    for (const std::size_t piece : {1U, 1U << 20}) {
      EXPECT_EQ(read(message, piece, true).error, std::nullopt);
      // The rules of frames still hold.
      EXPECT_EQ(read(message + frame(0xc0, ""), piece, true).error, Error::kReservedBit);
      const auto seen = read(message + message + frame(0x88, ""), piece, true);
      EXPECT_EQ(seen.events, std::vector<std::string>{"close:1005:"});
    }
  }
}

}  // namespace
}  // namespace heliograph::ws
