#include "ws/prepared_message.hpp"

#include <gtest/gtest.h>

#include "tests/ws/harness.hpp"
#include "ws/connection.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits;

std::string sent_by(Connection& server, const PreparedMessage& message) {
  Buffer output;
  server.send(message, output);
  return std::string(output.text());
}

TEST(PreparedMessage, IsSentAsItWouldBeByItself) {
  const PreparedMessage message(Opcode::kText, as_bytes("to all"));
  Connection server(Role::kServer, kLimits);
  Buffer output;
  server.send(Opcode::kText, as_bytes("to all"), output);
  EXPECT_EQ(sent_by(server, message), output.text());
  server.close(CloseCode::kNormal, {}, output);
  EXPECT_EQ(sent_by(server, message), "");
}

TEST(PreparedMessage, IsCompressedForConnectionsWhoseMessagesStandAlone) {
  DeflatePool pool;
  const std::string text(500, 'a');
  const PreparedMessage message(Opcode::kText, as_bytes(text), &pool);
  for (const std::uint8_t bits : std::array<std::uint8_t, 2>{9, 15}) {
    const DeflateParameters alone{true, true, bits, bits};
    Connection server(Role::kServer, kLimits,
                      std::make_unique<MessageDeflate>(Role::kServer, alone, pool));
    const std::string frames = sent_by(server, message);
    EXPECT_LT(frames.size(), 50U);
    Connection client(Role::kClient, kLimits,
                      std::make_unique<MessageDeflate>(Role::kClient, alone, pool));
    reference::Transcript transcript;
    Buffer output;
    feed_segment(client, frames, output, transcript);
    EXPECT_EQ(transcript.events, std::vector<std::string>{"text:" + text});
  }
  Connection takes_over(Role::kServer, kLimits,
                        std::make_unique<MessageDeflate>(Role::kServer, DeflateParameters{}, pool));
  EXPECT_GT(sent_by(takes_over, message).size(), 500U);
}

TEST(PreparedMessage, StaysPlainWhereCompressionDoesNotHelp) {
  DeflatePool pool;
  const PreparedMessage message(Opcode::kBinary, as_bytes("xyz"), &pool);
  EXPECT_EQ(as_text(message.frame(true)), as_text(message.frame(false)));
}

}  // namespace
}  // namespace heliograph::ws
