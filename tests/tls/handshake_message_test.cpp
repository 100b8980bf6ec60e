#include "tls/handshake_message.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::handshake_message;
using test::joined;
using test::octets;
using test::Octets;

// At most 20 bytes, and no KeyUpdate.
std::optional<std::size_t> limits(HandshakeType type) {
  if (type == HandshakeType::kKeyUpdate) return std::nullopt;
  return 20;
}

struct Seen {
  std::vector<Octets> messages;
  std::optional<Error> error;
  bool inside = false;
  bool operator==(const Seen&) const = default;
};

Seen read_in_pieces(Bytes all, std::size_t piece) {
  HandshakeReader reader;
  Seen seen;
  Octets copy = octets(all);
  for (std::size_t at = 0; at < copy.size() && !seen.error; at += piece) {
    reader.feed(MutableBytes(copy).subspan(at, std::min(piece, copy.size() - at)));
    for (;;) {
      const auto message = reader.next(limits);
      if (!message) {
        seen.error = message.error();
        break;
      }
      if (!*message) break;
      seen.messages.push_back(octets((*message)->encoded));
    }
  }
  seen.inside = reader.inside_message();
  return seen;
}

TEST(HandshakeReader, ReadsTheSameInAnySegmentation) {
  const Octets all = joined({handshake_message(HandshakeType::kFinished, Octets(20, 1)),
                             handshake_message(HandshakeType::kEndOfEarlyData, {}),
                             handshake_message(HandshakeType::kFinished, Octets(7, 2))});
  const Seen whole = read_in_pieces(all, all.size());
  ASSERT_EQ(whole.messages.size(), 3U);
  EXPECT_FALSE(whole.inside);
  for (std::size_t piece = 1; piece < all.size(); ++piece) {
    ASSERT_EQ(read_in_pieces(all, piece), whole) << piece;
  }
}

TEST(HandshakeReader, TakesTheLongestMessageAndRefusesTheNextLonger) {
  EXPECT_FALSE(read_in_pieces(handshake_message(HandshakeType::kFinished, Octets(20)), 100).error);
  EXPECT_EQ(read_in_pieces(handshake_message(HandshakeType::kFinished, Octets(21)), 100).error,
            Error::kHandshakeMessageTooLong);
}

TEST(HandshakeReader, RefusesByTheHeaderAlone) {
  EXPECT_EQ(read_in_pieces(Octets{20, 0xff, 0xff, 0xff}, 1).error, Error::kHandshakeMessageTooLong);
  EXPECT_EQ(read_in_pieces(Octets{24, 0, 0, 1}, 1).error, Error::kUnexpectedMessage);
  EXPECT_FALSE(read_in_pieces(Octets{24, 0, 0}, 1).error);
}

TEST(HandshakeReader, KnowsWhetherAMessageHasBegun) {
  const Octets message = handshake_message(HandshakeType::kFinished, Octets(20));
  for (std::size_t size = 0; size <= message.size(); ++size) {
    EXPECT_EQ(read_in_pieces(Bytes(message).first(size), 100).inside,
              size > 0 && size < message.size())
        << size;
  }
}

TEST(HandshakeReader, SeesWhatIsBehindAMessage) {
  const Octets message = handshake_message(HandshakeType::kFinished, Octets(3));
  for (const Octets& behind : {Octets{}, Octets{20}, message}) {
    Octets content = joined({message, behind});
    HandshakeReader reader;
    reader.feed(content);
    ASSERT_TRUE(reader.next(limits)->has_value());
    EXPECT_EQ(reader.has_unread(), !behind.empty());
  }
}

TEST(HandshakeMessageWriter, WritesTypeAndLength) {
  EXPECT_EQ(handshake_message(HandshakeType::kCertificate, Octets(0x0102)).size(), 0x0102U + 4);
  EXPECT_EQ(octets(Bytes(handshake_message(HandshakeType::kCertificate, Octets(0x0102))).first(4)),
            (Octets{11, 0, 1, 2}));
}

}  // namespace
}  // namespace heliograph::tls
