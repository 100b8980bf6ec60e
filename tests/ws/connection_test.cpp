#include "ws/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "tests/ws/harness.hpp"
#include "tests/ws/reference.hpp"

namespace heliograph::ws {
namespace {

using reference::Transcript;
using Strings = std::vector<std::string>;

constexpr Limits kLimits;

// The stream in one piece; then byte by byte, which must not make a difference. Streams with more
// than one ping are not for this function.
Transcript server_reads(const std::string& stream, const Limits& limits = kLimits) {
  const Transcript whole = run(Role::kServer, limits, stream, [&] { return stream.size(); });
  const Transcript single = run(Role::kServer, limits, stream, [] { return std::size_t{1}; });
  EXPECT_EQ(whole, single);
  return whole;
}

std::string close_payload(CloseCode code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  return std::string{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)}.append(
      reason);
}

// What a refusal leaves behind: the error, and one close frame that names it.
void expect_refused(const Transcript& seen, Error error) {
  EXPECT_EQ(seen.error, error);
  EXPECT_EQ(seen.closes, Strings{close_payload(close_code_for(error), describe(error))});
}

// A whole input that stays alive, for tests that look at views.
class Input {
 public:
  explicit Input(std::string_view bytes) {
    buffer_.append(bytes);
    rest = buffer_.mutable_bytes();
  }
  [[nodiscard]] bool contains(const MutableBytes& view) const {
    return view.data() >= buffer_.data() &&
           view.data() + view.size() <= buffer_.data() + buffer_.size();
  }

  MutableBytes rest;

 private:
  Buffer buffer_;
};

// RFC 6455 section 5.7, in the direction that each example has.
TEST(WsConnection, ReadsTheStandardsExamples) {
  const auto read = [](Role role, std::string_view hex) {
    const auto bytes = *hex_decode(hex);
    const std::string stream(as_text(bytes));
    return run(role, kLimits, stream, [&] { return stream.size(); });
  };
  EXPECT_EQ(read(Role::kClient, "810548656c6c6f").events, Strings{"text:Hello"});
  EXPECT_EQ(read(Role::kServer, "818537fa213d7f9f4d5158").events, Strings{"text:Hello"});
  EXPECT_EQ(read(Role::kClient, "010348656c80026c6f").events, Strings{"text:Hello"});
  EXPECT_EQ(read(Role::kClient, "890548656c6c6f").pongs, Strings{"Hello"});
  EXPECT_EQ(read(Role::kServer, "8a8537fa213d7f9f4d5158").events, Strings{"pong:Hello"});
  const std::string small(256, 'x');
  EXPECT_EQ(read(Role::kClient, "827e0100" + hex_encode(as_bytes(small))).events,
            Strings{"binary:" + small});
  const std::string large(65536, 'x');
  EXPECT_EQ(read(Role::kClient, "827f0000000000010000" + hex_encode(as_bytes(large))).events,
            Strings{"binary:" + large});
}

TEST(WsConnection, HandsOutAWholeMessageAsAViewOfTheInput) {
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  Input input(frame(0x81, "first") + frame(0x82, "second"));
  auto event = connection.receive(input.rest, output);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(describe_event(*event), "text:first");
  EXPECT_TRUE(input.contains(event->data));
  event = connection.receive(input.rest, output);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(describe_event(*event), "binary:second");
  EXPECT_TRUE(input.contains(event->data));
  event = connection.receive(input.rest, output);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, Event::Kind::kNeedMore);
}

TEST(WsConnection, PutsFragmentsTogetherWithControlFramesBetweenThem) {
  const Transcript seen =
      server_reads(frame(0x01, "one ") + frame(0x89, "ping") + frame(0x00, "two ") +
                   frame(0x8a, "pong") + frame(0x00, "") + frame(0x80, "three"));
  EXPECT_EQ(seen.events, (Strings{"pong:pong", "text:one two three"}));
  EXPECT_EQ(seen.pongs, Strings{"ping"});
  EXPECT_EQ(seen.error, std::nullopt);
}

TEST(WsConnection, DeliversEmptyMessages) {
  EXPECT_EQ(server_reads(frame(0x81, "") + frame(0x82, "")).events, (Strings{"text:", "binary:"}));
  EXPECT_EQ(server_reads(frame(0x01, "") + frame(0x00, "") + frame(0x80, "")).events,
            Strings{"text:"});
}

TEST(WsConnection, TakesAMessageAtTheLimitAndRefusesOnePast) {
  const Limits limits = {.max_message = 300};
  const std::string full(300, 'x');
  EXPECT_EQ(server_reads(frame(0x81, full), limits).events, Strings{"text:" + full});
  expect_refused(server_reads(frame(0x81, full + "x"), limits), Error::kMessageTooBig);

  const std::string start = frame(0x01, full.substr(1));
  EXPECT_EQ(server_reads(start + frame(0x80, "x"), limits).events, Strings{"text:" + full});
  expect_refused(server_reads(start + frame(0x80, "xx"), limits), Error::kMessageTooBig);
}

TEST(WsConnection, RefusesATooBigMessageByItsHeaderAlone) {
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  const FrameHeader header =
      make_frame_header(Opcode::kText, {}, kLimits.max_message + 1ULL, MaskKey{});
  Input input(as_text(header.view()));
  EXPECT_EQ(connection.receive(input.rest, output).error(), Error::kMessageTooBig);
  const FrameHeader huge = make_frame_header(Opcode::kText, {}, (1ULL << 63) - 1, MaskKey{});
  Connection other(Role::kServer, kLimits);
  Input more(as_text(huge.view()));
  EXPECT_EQ(other.receive(more.rest, output).error(), Error::kMessageTooBig);
}

// Lengths around every width that a careless conversion could cut them to.
TEST(WsConnection, ComparesALengthWithTheLimitBeforeAnythingIsCut) {
  const std::vector<std::uint64_t> lengths = {
      0,           1,           125,        126,        127,        65535,
      65536,       65537,       0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
      0x100000001, 0x100000100, 1ULL << 40, 1ULL << 62, ~0ULL >> 1, (~0ULL >> 1) - 1};
  for (const std::uint32_t limit : {0U, 125U, 126U, 65535U, 65536U, 0x7fffffffU, 0xffffffffU}) {
    const Limits limits = {.max_message = limit};
    for (const std::uint64_t length : lengths) {
      for (const bool deflate : {false, true}) {
        DeflatePool pool;
        Connection connection(
            Role::kServer, limits,
            deflate ? std::make_unique<MessageDeflate>(Role::kServer, DeflateParameters{}, pool)
                    : nullptr);
        Buffer output;
        const FrameHeader header =
            make_frame_header(Opcode::kBinary, {.compressed = deflate}, length, MaskKey{});
        Input input(as_text(header.view()));
        const auto event = connection.receive(input.rest, output);
        // What is compressed may be a little longer than what comes out of it; an empty message is
        // empty either way.
        const std::uint64_t most = deflate ? limit + std::uint64_t{limit} / 256 + 256 : limit;
        EXPECT_EQ(event.has_value(), length <= std::min<std::uint64_t>(most, 0xffffffff))
            << limit << ' ' << length << ' ' << deflate;
      }
    }
  }
}

TEST(WsConnection, JudgesEachOfThe65536CloseCodes) {
  for (unsigned code = 0; code <= 0xffff; ++code) {
    const std::string payload = close_payload(static_cast<CloseCode>(code), "bye");
    const Transcript seen = run(Role::kServer, kLimits, frame(0x88, payload), [] { return 100U; });
    if (is_wire_close_code(static_cast<std::uint16_t>(code))) {
      ASSERT_EQ(seen.events, Strings{"close:" + std::to_string(code) + ":bye"});
      ASSERT_EQ(seen.closes, Strings{payload.substr(0, 2)});
    } else {
      ASSERT_EQ(seen.error, Error::kInvalidCloseCode) << code;
    }
  }
}

TEST(WsConnection, TakesFramesAtTheLimitAndRefusesOnePast) {
  const Limits limits = {.max_frames_per_message = 4};
  const std::string three = frame(0x01, "") + frame(0x00, "") + frame(0x00, "x");
  // Each message counts anew, and control frames do not count.
  const std::string four = three + frame(0x8a, "") + frame(0x80, "");
  EXPECT_EQ(server_reads(four + four, limits).events,
            (Strings{"pong:", "text:x", "pong:", "text:x"}));
  expect_refused(server_reads(three + frame(0x00, "") + frame(0x80, ""), limits),
                 Error::kTooManyFrames);
}

TEST(WsConnection, FailsAtTheFirstByteThatIsNotUtf8) {
  const std::string bytes = frame(0x81, "abc\xff and much that need not arrive");
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  Input good(std::string_view(bytes).substr(0, 6 + 3));
  EXPECT_TRUE(connection.receive(good.rest, output).has_value());
  Input bad(std::string_view(bytes).substr(6 + 3, 1));
  EXPECT_EQ(connection.receive(bad.rest, output).error(), Error::kInvalidUtf8);
}

TEST(WsConnection, FollowsACharacterAcrossFrames) {
  EXPECT_EQ(server_reads(frame(0x01, "\xe2\x82") + frame(0x89, "") + frame(0x80, "\xac")).events,
            Strings{"text:\xe2\x82\xac"});
  expect_refused(server_reads(frame(0x01, "\xe2\x82") + frame(0x80, "x")), Error::kInvalidUtf8);
  expect_refused(server_reads(frame(0x81, "\xe2\x82")), Error::kInvalidUtf8);
  EXPECT_EQ(server_reads(frame(0x82, "\xe2\x82\xff")).events, Strings{"binary:\xe2\x82\xff"});
  // The validator starts anew with each message.
  expect_refused(server_reads(frame(0x81, "a") + frame(0x81, "\xac")), Error::kInvalidUtf8);
}

TEST(WsConnection, AnswersAPingWithItsPayload) {
  const std::string payload(kMaxControlPayload, 'p');
  EXPECT_EQ(server_reads(frame(0x89, payload)).pongs, Strings{payload});
  EXPECT_EQ(server_reads(frame(0x89, "")).pongs, Strings{""});
}

TEST(WsConnection, AnswersEveryPingInTheirOrder) {
  std::string stream;
  Strings expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back(std::to_string(i));
    stream += frame(0x89, expected.back());
  }
  EXPECT_EQ(server_reads(stream).pongs, expected);
}

TEST(WsConnection, AFloodOfPingsAndMessagesYieldsLessThanItTook) {
  std::string stream;
  for (int i = 0; i < 10'000; ++i) {
    stream += frame(0x89, std::string(125, 'p')).append(frame(0x82, ""));
  }
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  Transcript transcript;
  feed_segment(connection, stream, output, transcript);
  EXPECT_EQ(transcript.events.size(), 10'000U);
  EXPECT_LT(output.size(), stream.size());
}

TEST(WsConnection, AFloodOfPingsFromAServerYieldsAtMostThreeTimesWhatItTook) {
  std::string stream;
  for (int i = 0; i < 10'000; ++i) stream += std::string("\x89\0", 2);
  Connection connection(Role::kClient, kLimits);
  Buffer output;
  Transcript transcript;
  feed_segment(connection, stream, output, transcript);
  EXPECT_EQ(output.size(), 3 * stream.size());
}

TEST(WsConnection, EchoesTheCodeOfACloseFrameAndDiscardsWhatFollows) {
  const std::string close = frame(0x88, close_payload(CloseCode::kGoingAway, "bye"));
  const Transcript seen = server_reads(close + frame(0x81, "late") + frame(0xff, "nonsense"));
  EXPECT_EQ(seen.events, Strings{"close:1001:bye"});
  EXPECT_EQ(seen.closes, Strings{close_payload(CloseCode::kGoingAway, "")});
  EXPECT_EQ(seen.error, std::nullopt);
}

TEST(WsConnection, AnswersAnEmptyCloseFrameWithAnEmptyOne) {
  const Transcript seen = server_reads(frame(0x88, ""));
  EXPECT_EQ(seen.events, Strings{"close:1005:"});
  EXPECT_EQ(seen.closes, Strings{""});
}

TEST(WsConnection, RefusesAMalformedCloseFrame) {
  expect_refused(server_reads(frame(0x88, "\x03")), Error::kTruncatedCloseCode);
  expect_refused(server_reads(frame(0x88, close_payload(CloseCode::kNoStatus, ""))),
                 Error::kInvalidCloseCode);
  expect_refused(server_reads(frame(0x88, close_payload(CloseCode::kNormal, "\xff"))),
                 Error::kInvalidCloseReason);
}

TEST(WsConnection, DiscardsEverythingAfterAnError) {
  const std::string unmasked = frame(0x81, "x", std::nullopt);
  const Transcript seen = server_reads(frame(0x81, "a") + unmasked + frame(0x81, "b"));
  EXPECT_EQ(seen.events, Strings{"text:a"});
  expect_refused(seen, Error::kMissingMask);
}

TEST(WsConnection, SendsOneCloseFrameAndNothingBehindIt) {
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  EXPECT_FALSE(connection.close_sent());
  connection.close(CloseCode::kGoingAway, "restart", output);
  EXPECT_TRUE(connection.close_sent());
  EXPECT_FALSE(connection.expects_tcp_close());
  connection.close(CloseCode::kNormal, "", output);
  connection.send(Opcode::kText, as_bytes("late"), output);
  connection.ping({}, output);
  Transcript transcript;
  feed_segment(connection, frame(0x89, "ping") + frame(0x8a, "pong") + frame(0x81, "message"),
               output, transcript);
  EXPECT_EQ(transcript.events, Strings{});
  const std::vector<SentFrame> expected = {
      {Opcode::kClose, close_payload(CloseCode::kGoingAway, "restart")}};
  EXPECT_EQ(read_frames(output.bytes(), Role::kServer), expected);

  feed_segment(connection, frame(0x88, close_payload(CloseCode::kGoingAway, "")), output,
               transcript);
  EXPECT_EQ(transcript.events, Strings{"close:1001:"});
  EXPECT_TRUE(connection.close_received());
  EXPECT_TRUE(connection.expects_tcp_close());
  EXPECT_EQ(read_frames(output.bytes(), Role::kServer), expected);
}

TEST(WsConnection, AnErrorAfterOurCloseFrameAddsNoSecondOne) {
  Connection connection(Role::kServer, kLimits);
  Buffer output;
  connection.close(CloseCode::kNormal, "", output);
  const std::size_t size = output.size();
  Input input(frame(0x83, ""));
  EXPECT_EQ(connection.receive(input.rest, output).error(), Error::kReservedOpcode);
  EXPECT_EQ(output.size(), size);
  EXPECT_TRUE(connection.expects_tcp_close());
}

TEST(WsConnection, TheEndOfTheStreamIsCleanOnlyBehindACloseFrame) {
  Buffer output;
  Transcript transcript;
  Connection clean(Role::kServer, kLimits);
  feed_segment(clean, frame(0x88, ""), output, transcript);
  EXPECT_TRUE(clean.receive_eof());
  Connection idle(Role::kServer, kLimits);
  EXPECT_FALSE(idle.receive_eof());
  Connection closing(Role::kServer, kLimits);
  closing.close(CloseCode::kNormal, "", output);
  EXPECT_FALSE(closing.receive_eof());
  EXPECT_TRUE(closing.expects_tcp_close());
}

TEST(WsConnection, WhatOneRoleSendsTheOtherReads) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    const Role peer_role = other(role);
    for (const std::size_t size : std::vector<std::size_t>{0, 1, 125, 126, 127, 65535, 65536}) {
      Connection sender(role, kLimits);
      Connection receiver(peer_role, kLimits);
      Buffer sent;
      Buffer answer;
      const std::string data(size, 'd');
      sender.send(Opcode::kBinary, as_bytes(data), sent);
      sender.ping(as_bytes("are you there"), sent);
      sender.close(CloseCode::kNormal, "done", sent);
      Transcript transcript;
      feed_segment(receiver, sent.text(), answer, transcript);
      EXPECT_EQ(transcript.events, (Strings{"binary:" + data, "close:1000:done"}));
      const std::vector<SentFrame> expected = {
          {Opcode::kPong, "are you there"},
          {Opcode::kClose, close_payload(CloseCode::kNormal, "")}};
      EXPECT_EQ(read_frames(answer.bytes(), peer_role), expected);
    }
  }
}

TEST(WsConnection, ClientsTakeANewMaskForEachFrame) {
  Connection client(Role::kClient, kLimits);
  Buffer output;
  client.send(Opcode::kText, as_bytes("same"), output);
  const std::string first(output.text());
  output.clear();
  client.send(Opcode::kText, as_bytes("same"), output);
  EXPECT_NE(output.text(), first);
}

TEST(WsConnection, AGatheredMessageIsTheSameAsASentOne) {
  Connection server(Role::kServer, kLimits);
  for (const std::size_t size : std::vector<std::size_t>{0, 125, 126, 65535, 65536}) {
    const std::string data(size, 'd');
    Buffer sent;
    server.send(Opcode::kText, as_bytes(data), sent);
    const FrameHeader header = Connection::message_header(Opcode::kText, size);
    EXPECT_EQ(sent.text(), std::string(as_text(header.view())) + data);
  }
}

TEST(WsConnection, CutsAPingThatIsTooLong) {
  Connection server(Role::kServer, kLimits);
  Buffer output;
  server.ping(as_bytes(std::string(126, 'x')), output);
  EXPECT_EQ(read_frames(output.bytes(), Role::kServer),
            (std::vector<SentFrame>{{Opcode::kPing, std::string(125, 'x')}}));
}

}  // namespace
}  // namespace heliograph::ws
