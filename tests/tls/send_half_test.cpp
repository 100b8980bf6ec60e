#include "tls/send_half.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

constexpr CipherSuite kSuite = CipherSuite::kChaCha20Poly1305Sha256;

// Reads what a SendHalf under a zero secret has sent.
struct Peer {
  explicit Peer(Bytes sent) {
    Octets copy = octets(sent);
    MutableBytes input = copy;
    RecordReader reader;
    RecordOpener opener(kSuite, crypto::Secret(32));
    for (;;) {
      const auto record = reader.next(input, kMaxCiphertext);
      if (!record || !*record) break;
      const auto opened = opener.open(**record);
      if (!opened) break;
      if (opened->type == 22) opener = opener.next();
      types.push_back(opened->type);
      sizes.push_back(opened->content.size());
      if (opened->type == 23)
        data.insert(data.end(), opened->content.begin(), opened->content.end());
    }
  }

  Octets types;
  std::vector<std::size_t> sizes;
  Octets data;
};

SendHalf protected_half(std::uint64_t records_per_key = kRecordsPerKey) {
  SendHalf half(records_per_key);
  half.install_keys(Epoch::kApplication, kSuite, crypto::Secret(32));
  return half;
}

void send_data(SendHalf& half, Bytes data, Buffer& out) {
  half.send_application_data({&data, 1}, out);
}

TEST(SendHalf, GathersPiecesIntoOneRecord) {
  SendHalf half = protected_half();
  Buffer out;
  const std::vector<Octets> pieces = {octets("he"), octets(""), octets("lio"), octets("graph")};
  const std::vector<Bytes> views(pieces.begin(), pieces.end());
  half.send_application_data(views, out);
  const Peer peer(out.bytes());
  EXPECT_EQ(peer.sizes, (std::vector<std::size_t>{10}));
  EXPECT_EQ(peer.data, octets("heliograph"));
}

TEST(SendHalf, FillsRecordsAcrossPieces) {
  SendHalf half = protected_half();
  Buffer out;
  Octets all(3 * kMaxPlaintext + 5);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * 31);
  const std::vector<Bytes> pieces = {Bytes(all).first(10), Bytes(all).subspan(10, kMaxPlaintext),
                                     Bytes(all).subspan(10 + kMaxPlaintext)};
  half.send_application_data(pieces, out);
  const Peer peer(out.bytes());
  EXPECT_EQ(peer.sizes, (std::vector<std::size_t>{kMaxPlaintext, kMaxPlaintext, kMaxPlaintext, 5}));
  EXPECT_EQ(peer.data, all);
}

TEST(SendHalf, TakesMorePiecesThanFitIntoARecord) {
  SendHalf half = protected_half();
  Buffer out;
  const Octets byte = {7};
  const std::vector<Bytes> pieces(2 * RecordSealer::kMaxPieces + 1, Bytes(byte));
  half.send_application_data(pieces, out);
  const Peer peer(out.bytes());
  EXPECT_EQ(peer.sizes.size(), 3U);
  EXPECT_EQ(peer.data, Octets(pieces.size(), 7));
}

TEST(SendHalf, SendsNoRecordForNoData) {
  SendHalf half = protected_half();
  Buffer out;
  half.send_application_data({}, out);
  send_data(half, {}, out);
  EXPECT_TRUE(out.empty());
}

TEST(SendHalf, ChangesKeysAtTheRecordLimitAndNotBefore) {
  SendHalf half = protected_half(3);
  Buffer out;
  for (int i = 0; i < 3; ++i) send_data(half, octets("x"), out);
  EXPECT_EQ(Peer(out.bytes()).types, (Octets{23, 23, 23}));
  for (int i = 0; i < 4; ++i) send_data(half, octets("x"), out);
  EXPECT_EQ(Peer(out.bytes()).types, (Octets{23, 23, 23, 22, 23, 23, 23, 22, 23}));
}

TEST(SendHalf, ChangesKeysInTheMiddleOfALongSend) {
  SendHalf half = protected_half(2);
  Buffer out;
  const Octets data(3 * kMaxPlaintext, 9);
  send_data(half, data, out);
  const Peer peer(out.bytes());
  EXPECT_EQ(peer.types, (Octets{23, 23, 22, 23}));
  EXPECT_EQ(peer.data, data);
}

TEST(SendHalf, AnswersAnyNumberOfRequestsWithOneKeyUpdate) {
  SendHalf half = protected_half();
  Buffer out;
  for (int i = 0; i < 1000; ++i) half.owe_key_update();
  EXPECT_TRUE(out.empty());
  send_data(half, octets("a"), out);
  send_data(half, octets("b"), out);
  EXPECT_EQ(Peer(out.bytes()).types, (Octets{22, 23, 23}));
}

TEST(SendHalf, SaysOneLastWord) {
  SendHalf half = protected_half();
  Buffer out;
  half.send_alert(AlertDescription::kCloseNotify, out);
  EXPECT_TRUE(half.closed());
  const std::size_t size = out.size();
  half.send_alert(AlertDescription::kCloseNotify, out);
  half.send_alert(AlertDescription::kDecodeError, out);
  EXPECT_EQ(out.size(), size);
}

TEST(SendHalf, SendsWithoutProtectionUntilItHasKeys) {
  SendHalf half;
  Buffer out;
  half.send(ContentType::kHandshake, octets("abc"), out);
  SendHalf().send_change_cipher_spec(out);
  EXPECT_EQ(octets(out.bytes()), (Octets{22, 3, 3, 0, 3, 'a', 'b', 'c', 20, 3, 3, 0, 1, 1}));
}

}  // namespace
}  // namespace heliograph::tls
