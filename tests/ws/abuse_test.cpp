// Peers that try to make us hold or do more than they sent: what we hold stays below a bound, and
// the attack ends as the limits say.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/base/memory_meter.hpp"
#include "tests/ws/harness.hpp"
#include "ws/connection.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits;
constexpr std::size_t kReceiveBuffer = std::size_t{64} * 1024;

// One receive buffer of a loop, with what a peer sends in it again and again.
class Flood {
 public:
  explicit Flood(std::string_view frames) {
    while (bytes_.size() + frames.size() <= kReceiveBuffer) bytes_ += frames;
    buffer_.append(bytes_);
  }

  // As it came from the socket: the machine works in place.
  MutableBytes receive() {
    std::ranges::copy(as_bytes(bytes_), buffer_.data());
    return buffer_.mutable_bytes();
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  Buffer buffer_;
};

// Takes everything from `input`. The error, if there is one.
std::optional<Error> take_all(Connection& connection, MutableBytes input, Buffer& output) {
  while (true) {
    const auto event = connection.receive(input, output);
    if (!event) return event.error();
    if (event->kind == Event::Kind::kNeedMore) return std::nullopt;
  }
}

TEST(WsAbuse, ASmallWholeMessageAllocatesNothing) {
  Connection server(Role::kServer, kLimits);
  Buffer output;
  Flood flood(frame(0x81, "a small message, with \xc3\xa4 and \xe2\x82\xac") + frame(0x82, "two"));
  // The output grows once, and is kept.
  output.prepare(kReceiveBuffer);
  std::size_t messages = 0;
  const MemoryMeter meter;
  for (int round = 0; round < 10; ++round) {
    MutableBytes input = flood.receive();
    output.clear();
    for (auto event = server.receive(input, output); event->kind != Event::Kind::kNeedMore;
         event = server.receive(input, output)) {
      ++messages;
      server.send(event->opcode, event->data, output);
    }
  }
  EXPECT_EQ(meter.allocations(), 0U);
  EXPECT_GT(messages, 10'000U);
}

TEST(WsAbuse, AMillionEmptyContinuationFramesEndAtTheLimitAndHoldNothing) {
  for (const std::uint32_t frames : {kLimits.max_frames_per_message, 1U << 30}) {
    const Limits limits{.max_frames_per_message = frames};
    Connection server(Role::kServer, limits);
    Buffer output;
    Flood start(frame(0x01, ""));
    MutableBytes first = start.receive().first(6);
    ASSERT_EQ(server.receive(first, output)->kind, Event::Kind::kNeedMore);
    Flood flood(frame(0x00, ""));
    const MemoryMeter meter;
    std::optional<Error> error;
    for (std::size_t sent = 0; sent < 1'000'000 && !error; sent += flood.size() / 6) {
      error = take_all(server, flood.receive(), output);
    }
    EXPECT_LT(meter.most_held(), 1024U);
    // Even without a limit nothing would be held.
    EXPECT_EQ(error, frames == 1U << 30 ? std::nullopt : std::optional(Error::kTooManyFrames));
  }
}

TEST(WsAbuse, AMillionFramesOfOneByteHoldWhatTheMessageHas) {
  const Limits limits{.max_message = 20'000, .max_frames_per_message = 1U << 30};
  Connection server(Role::kServer, limits);
  Buffer output;
  Flood start(frame(0x02, "x"));
  MutableBytes first = start.receive().first(7);
  ASSERT_EQ(server.receive(first, output)->kind, Event::Kind::kNeedMore);
  Flood flood(frame(0x00, "x"));
  const MemoryMeter meter;
  std::optional<Error> error;
  for (int i = 0; i < 110 && !error; ++i) error = take_all(server, flood.receive(), output);
  EXPECT_EQ(error, Error::kMessageTooBig);
  EXPECT_LT(meter.most_held(), 4U * limits.max_message);
  EXPECT_LT(meter.held(), 1024U);
}

TEST(WsAbuse, ABigLengthReservesNothingBeforeItsBytesCome) {
  const Limits limits{.max_message = UINT32_MAX};
  for (const std::uint64_t length : {std::uint64_t{65536}, std::uint64_t{UINT32_MAX}}) {
    Connection server(Role::kServer, limits);
    Buffer output;
    const FrameHeader header = make_frame_header(Opcode::kBinary, {}, length, MaskKey{});
    Buffer input;
    input.append(header.view());
    input.append("ten bytes.");
    const MemoryMeter meter;
    EXPECT_EQ(take_all(server, input.mutable_bytes(), output), std::nullopt);
    EXPECT_LT(meter.most_held(), 1024U);
  }
}

// Pings without end from a peer that never reads: the owner holds the pongs.
TEST(WsAbuse, AFloodOfPingsFromAPeerThatDoesNotReadLeavesOnePong) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    Connection connection(role, kLimits);
    Buffer output;
    const auto mask = role == Role::kServer ? std::optional(MaskKey{1, 2, 3, 4}) : std::nullopt;
    Flood flood(frame(0x89, std::string(125, 'p'), mask));
    const std::string ping = frame(0x89, "the newest", mask);
    Flood last(ping);
    const MemoryMeter meter;
    connection.hold_pongs();
    for (std::size_t sent = 0; sent < 16'000'000; sent += flood.size()) {
      ASSERT_EQ(take_all(connection, flood.receive(), output), std::nullopt);
    }
    EXPECT_EQ(take_all(connection, last.receive(), output), std::nullopt);
    EXPECT_TRUE(output.empty());
    EXPECT_LT(meter.most_held(), 1024U);
    connection.release_pong(output);
    EXPECT_EQ(read_frames(output.bytes(), role),
              (std::vector<SentFrame>{{Opcode::kPong, "the newest"}}));
    // From then on they are answered at once.
    EXPECT_EQ(take_all(connection, last.receive().first(ping.size()), output), std::nullopt);
    EXPECT_EQ(read_frames(output.bytes(), role).size(), 2U);
  }
}

TEST(WsAbuse, HoldingPongsWithoutAPingOrAfterACloseSendsNothing) {
  Connection server(Role::kServer, kLimits);
  Buffer output;
  server.release_pong(output);
  server.hold_pongs();
  server.release_pong(output);
  EXPECT_TRUE(output.empty());
  server.hold_pongs();
  server.hold_pongs();
  Flood ping(frame(0x89, ""));
  EXPECT_EQ(take_all(server, ping.receive().first(6), output), std::nullopt);
  server.close(CloseCode::kGoingAway, {}, output);
  const std::size_t size = output.size();
  server.release_pong(output);
  EXPECT_EQ(output.size(), size);
}

TEST(WsAbuse, PingsBetweenMessagesYieldNoMoreThanTheyTook) {
  Connection server(Role::kServer, kLimits);
  Buffer output;
  Flood flood(frame(0x89, std::string(125, 'p')) + frame(0x82, ""));
  EXPECT_EQ(take_all(server, flood.receive(), output), std::nullopt);
  EXPECT_LT(output.size(), flood.size());
}

class WsBomb : public testing::TestWithParam<DeflateMemory> {
 protected:
  static constexpr std::size_t kLimit = 64 * 1024;

  // A compressed message, of so many bytes, in `frames` frames.
  std::string bomb(std::size_t size, std::size_t frames) {
    const std::string zeros(size, '\0');
    Buffer out;
    const Bytes piece = as_bytes(zeros);
    pool_.compress({}, kMaxWindowBits, {&piece, 1}, out);
    std::string stream;
    const std::string_view text = out.text();
    const std::size_t part = text.size() / frames;
    for (std::size_t i = 0; i < frames; ++i) {
      const bool last = i + 1 == frames;
      const unsigned first = (i == 0 ? 0x42U : 0U) | (last ? 0x80U : 0U);
      stream += frame(first, last ? text.substr(i * part) : text.substr(i * part, part));
    }
    return stream;
  }

  DeflatePool pool_;
};

TEST_P(WsBomb, EndsAtTheLimitInBoundedMemory) {
  struct Case {
    std::size_t size;
    std::optional<Error> error;
  };
  for (const Case& test : {Case{kLimit, std::nullopt}, Case{kLimit + 1, Error::kMessageTooBig},
                           Case{kLimit * 1000, Error::kMessageTooBig}}) {
    for (const std::size_t frames : {1U, 10U}) {
      const std::string stream = bomb(test.size, frames);
      const DeflateOptions options{.pool = &pool_, .memory = GetParam()};
      Connection server(Role::kServer, kLimits,
                        make_message_deflate(Role::kServer, options.wanted(), options));
      Buffer receive_buffer;
      receive_buffer.append(stream);
      Buffer output;
      const MemoryMeter meter;
      MutableBytes input = receive_buffer.mutable_bytes();
      const auto event = server.receive(input, output);
      EXPECT_EQ(event ? std::nullopt : std::optional(event.error()), test.error) << test.size;
      if (event) {
        EXPECT_EQ(event->data.size(), test.size);
      }
      // The compressed message, twice what comes out of it while a buffer grows, and the window.
      EXPECT_LT(meter.most_held(), 6 * kLimit) << test.size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(InEveryMemory, WsBomb,
                         testing::Values(DeflateMemory::kShared, DeflateMemory::kWindow,
                                         DeflateMemory::kDedicated));

// Ways in which a connection comes to expect nothing but the end of TCP, and what it is asked then.
enum class Ending : std::uint8_t { kError, kClose, kEof };
enum class Then : std::uint8_t { kReceive, kReceiveEof, kRelease };

// In a message under way, behind a compressed one. The close frame comes in two pieces, so that its
// reason is kept.
std::string ending(Ending how, std::optional<MaskKey> mask) {
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string before = frame(0xc1, hello, mask) + frame(0x02, std::string(5000, 'x'), mask);
  if (how == Ending::kError) return before + frame(0x83, "", mask);
  if (how == Ending::kClose) return before + frame(0x88, "\x03\xe8 the reason", mask);
  return before;
}

void expect_nothing_held(Role role, DeflateMemory memory, Ending how, Then then) {
  const std::string stream =
      ending(how, role == Role::kServer ? std::optional(MaskKey{1, 2, 3, 4}) : std::nullopt);
  DeflatePool pool;
  DeflateBudget budget(1'000'000);
  Buffer first;
  first.append(std::string_view(stream).substr(0, stream.size() - 3));
  Buffer second;
  second.append(std::string_view(stream).substr(stream.size() - 3));
  Buffer output;
  output.prepare(1000);
  Buffer warm;
  ASSERT_TRUE(pool.decompress({}, as_bytes(std::string(1, '\0')), 1, warm));
  const MemoryMeter meter;
  Connection connection(
      role, kLimits,
      std::make_unique<MessageDeflate>(role, DeflateParameters{}, pool, memory,
                                       *budget.reserve(deflate_cost(role, {}, memory))));
  connection.hold_pongs();
  take_all(connection, first.mutable_bytes(), output);
  MutableBytes rest = second.mutable_bytes();
  const auto event = connection.receive(rest, output);
  if (how == Ending::kEof) connection.receive_eof();
  ASSERT_TRUE(connection.expects_tcp_close());
  if (how == Ending::kClose) {
    EXPECT_EQ(as_text(event->data), " the reason");
  }
  if (then == Then::kReceive) take_all(connection, rest, output);
  if (then == Then::kReceiveEof) connection.receive_eof();
  if (then == Then::kRelease) connection.release();
  // What a message may still be answered with.
  connection.hold_pongs();
  connection.send(Opcode::kText, as_bytes("late"), output);
  EXPECT_EQ(budget.reserved(), 0U);
  // A client masks what it may send behind the end of the peer's stream.
  const bool may_send = role == Role::kClient && how == Ending::kEof;
  EXPECT_LE(meter.held(), may_send ? sizeof(MaskKeys) : 0U);
}

TEST(WsAbuse, AConnectionThatIsOverHoldsNothing) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const DeflateMemory memory : {DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
      for (const Ending how : {Ending::kError, Ending::kClose, Ending::kEof}) {
        for (const Then then : {Then::kReceive, Then::kReceiveEof, Then::kRelease}) {
          SCOPED_TRACE(testing::Message() << static_cast<int>(role) << static_cast<int>(memory)
                                          << static_cast<int>(how) << static_cast<int>(then));
          expect_nothing_held(role, memory, how, then);
        }
      }
    }
  }
}

TEST(WsAbuse, AnOpenConnectionIsNotReleased) {
  DeflatePool pool;
  Connection server(Role::kServer, kLimits,
                    std::make_unique<MessageDeflate>(Role::kServer, DeflateParameters{}, pool));
  Buffer output;
  reference::Transcript transcript;
  feed_segment(server, frame(0x01, "Hel"), output, transcript);
  server.release();
  feed_segment(server, frame(0x80, "lo"), output, transcript);
  EXPECT_EQ(transcript.events, std::vector<std::string>{"text:Hello"});
}

TEST(WsAbuse, AFinalBlockCopiesNoMoreOfTheWindowThanThereIs) {
  DeflatePool pool;
  MessageDeflate deflate(Role::kServer, DeflateParameters{}, pool, DeflateMemory::kDedicated);
  const std::string hello("\xf3\x48\xcd\xc9\xc9\x07\x00", 7);
  Buffer out;
  ASSERT_TRUE(deflate.decompress(as_bytes(hello), 100, out));  // makes the stream
  out.clear();
  const MemoryMeter meter;
  ASSERT_TRUE(deflate.decompress(as_bytes(hello), 100, out));
  EXPECT_EQ(out.text(), "Hello");
  EXPECT_LT(meter.most_held(), std::size_t{1} << kMaxWindowBits);
}

TEST(WsAbuse, AMessageThatInflatesToNothingIsStillLimited) {
  DeflatePool pool;
  const Limits limits{.max_message = 1000};
  Connection server(Role::kServer, limits,
                    std::make_unique<MessageDeflate>(Role::kServer, DeflateParameters{}, pool));
  // Empty blocks, stored: five bytes each, of which nothing comes out.
  std::string blocks;
  while (blocks.size() < 2000) blocks += std::string("\x00\x00\x00\xff\xff", 5);
  Flood flood(frame(0x41, blocks));
  Buffer output;
  EXPECT_EQ(take_all(server, flood.receive(), output), Error::kMessageTooBig);
}

}  // namespace
}  // namespace heliograph::ws
