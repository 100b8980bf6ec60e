// Messages that are handed out, or sent, in pieces.

#include <gtest/gtest.h>

#include "tests/ws/harness.hpp"
#include "ws/connection.hpp"

namespace heliograph::ws {
namespace {

using Strings = std::vector<std::string>;
constexpr Limits kLimits{.max_message = 20, .max_frames_per_message = 10};

reference::Transcript stream_of(const std::string& stream, std::size_t piece) {
  Connection server(Role::kServer, kLimits, nullptr, Delivery::kStream);
  reference::Transcript transcript;
  Buffer output;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    feed_segment(server, std::string_view(stream).substr(at, piece), output, transcript);
  }
  return transcript;
}

TEST(Streaming, HandsOutWhatIsThere) {
  EXPECT_EQ(stream_of(frame(0x81, "Hello"), 100).events, Strings{"text part:Hello."});
  EXPECT_EQ(stream_of(frame(0x02, "ab") + frame(0x89, "") + frame(0x80, "cd"), 100).events,
            (Strings{"binary part:ab", "binary part:cd."}));
  // The header and the first letter, then letter by letter.
  EXPECT_EQ(stream_of(frame(0x81, "abc"), 7).events, (Strings{"text part:a", "text part:bc."}));
  EXPECT_EQ(stream_of(frame(0x81, ""), 100).events, Strings{"text part:."});
  EXPECT_EQ(stream_of(frame(0x01, "ab") + frame(0x80, ""), 100).events,
            (Strings{"text part:ab", "text part:."}));
}

// A header or a control frame is kept between the parts, although no part is.
TEST(Streaming, KeepsWhatIsCutBetweenTheParts) {
  const std::string stream =
      frame(0x02, "abc") + frame(0x8a, "pong") + frame(0x00, "d") + frame(0x80, "e");
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    std::string message;
    for (const std::string& event : stream_of(stream, piece).events) {
      if (event == "pong:pong") continue;
      ASSERT_TRUE(event.starts_with("binary part:")) << event;
      message += event.substr(12);
    }
    EXPECT_EQ(message, "abcde.") << piece;
  }
}

TEST(Streaming, ChecksTextAcrossPieces) {
  EXPECT_EQ(stream_of(frame(0x01, "\xc3") + frame(0x80, "\xa9"), 100).events,
            (Strings{"text part:\xc3", "text part:\xa9."}));
  EXPECT_EQ(stream_of(frame(0x81, "\xc3"), 100).error, Error::kInvalidUtf8);
  EXPECT_EQ(stream_of(frame(0x01, "ok") + frame(0x80, "\xff"), 100).error, Error::kInvalidUtf8);
}

TEST(Streaming, KeepsTheLimitForTheWholeMessage) {
  const std::string ten(10, 'x');
  EXPECT_EQ(stream_of(frame(0x01, ten) + frame(0x00, ten) + frame(0x80, ""), 100).error,
            std::nullopt);
  EXPECT_EQ(stream_of(frame(0x01, ten) + frame(0x00, ten) + frame(0x80, "x"), 100).error,
            Error::kMessageTooBig);
  // And the next message has the whole limit again.
  EXPECT_EQ(stream_of(frame(0x81, ten + ten) + frame(0x81, ten + ten), 100).error, std::nullopt);
}

TEST(Streaming, FragmentsAreSentAsOneMessage) {
  Connection client(Role::kClient, kLimits);
  Buffer output;
  client.send_fragment(Opcode::kText, as_bytes("Hel"), false, output);
  client.ping({}, output);
  client.send_fragment(Opcode::kText, as_bytes("l"), false, output);
  client.send_fragment(Opcode::kText, as_bytes("o"), true, output);
  client.send(Opcode::kBinary, as_bytes("!"), output);
  Connection server(Role::kServer, kLimits);
  reference::Transcript transcript;
  Buffer pongs;
  feed_segment(server, output.text(), pongs, transcript);
  EXPECT_EQ(transcript.events, (Strings{"text:Hello", "binary:!"}));

  client.close(CloseCode::kNormal, {}, output);
  output.clear();
  client.send_fragment(Opcode::kText, as_bytes("late"), true, output);
  EXPECT_TRUE(output.empty());
}

}  // namespace
}  // namespace heliograph::ws
