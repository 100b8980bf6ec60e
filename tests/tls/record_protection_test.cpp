#include "tls/record_protection.hpp"

#include <array>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::from_hex;
using test::joined;
using test::octets;
using test::Octets;

// The traffic secrets of RFC 8448 section 3.
constexpr std::string_view kServerHandshakeSecret =
    "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38";
constexpr std::string_view kClientApplicationSecret =
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
constexpr std::string_view kServerApplicationSecret =
    "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";

constexpr CipherSuite kSuites[] = {CipherSuite::kAes128GcmSha256, CipherSuite::kAes256GcmSha384,
                                   CipherSuite::kChaCha20Poly1305Sha256};

crypto::Secret secret(std::string_view hex) {
  return crypto::Secret(Bytes(from_hex(hex)));
}

Octets seal(RecordSealer& sealer, ContentType type, std::span<const Bytes> pieces) {
  Buffer out;
  sealer.seal(type, pieces, 0, out);
  return octets(out.bytes());
}

Octets seal(RecordSealer& sealer, ContentType type, Bytes content) {
  return seal(sealer, type, {&content, 1});
}

struct Opened {
  std::uint8_t type = 0;
  Octets content;
  std::optional<Error> error;
};

Opened open(RecordOpener& opener, Octets record) {
  MutableBytes input = record;
  RecordReader reader;
  const auto read = reader.next(input, kMaxCiphertext);
  const auto opened = opener.open(**read);
  if (!opened) return {0, {}, opened.error()};
  return {opened->type, octets(opened->content), std::nullopt};
}

// A record with this inner plaintext, zeros and all.
Octets seal_inner(CipherSuite suite, const crypto::Secret& traffic_secret, Octets inner) {
  const TrafficKeys keys = traffic_keys(suite, traffic_secret);
  crypto::SealingKey key(aead_of(suite), keys.key.bytes());
  inner.resize(inner.size() + crypto::kAeadTagSize);
  const RecordHeader header = record_header(ContentType::kApplicationData, inner.size());
  key.seal(keys.iv, header, MutableBytes(inner));
  return joined({octets(header), inner});
}

Opened open_inner(const Octets& inner) {
  const crypto::Secret traffic_secret(32);
  RecordOpener opener(kSuites[0], traffic_secret);
  return open(opener, seal_inner(kSuites[0], traffic_secret, inner));
}

TEST(RecordSealer, SealsTheServerFlightOfRfc8448ToTheByte) {
  RecordSealer sealer(CipherSuite::kAes128GcmSha256, secret(kServerHandshakeSecret));
  const Octets messages[] = {
      from_hex(test::simple::kEncryptedExtensions), from_hex(test::simple::kCertificate),
      from_hex(test::simple::kCertificateVerify), from_hex(test::simple::kServerFinished)};
  const std::vector<Bytes> pieces(std::begin(messages), std::end(messages));
  EXPECT_EQ(seal(sealer, ContentType::kHandshake, pieces),
            from_hex(test::simple::kServerFlightRecord));
}

// What is released is made anew, and goes on where it was.
TEST(RecordProtection, DoesTheSameWhenTheCipherWasReleasedInBetween) {
  for (const CipherSuite suite : kSuites) {
    const crypto::Secret traffic_secret(32);
    RecordSealer kept(suite, traffic_secret);
    RecordSealer released(suite, traffic_secret);
    RecordOpener opener(suite, traffic_secret);
    for (int i = 0; i < 3; ++i) {
      const Octets record = seal(kept, ContentType::kApplicationData, octets("text"));
      EXPECT_EQ(seal(released, ContentType::kApplicationData, octets("text")), record);
      EXPECT_EQ(open(opener, record).content, octets("text"));
      released.release_cipher();
      opener.release_cipher();
    }
    Octets forged = seal(kept, ContentType::kApplicationData, octets("text"));
    forged.back() ^= 1;
    EXPECT_EQ(open(opener, forged).error, Error::kBadRecordMac);
  }
}

TEST(RecordSealer, CountsRecordsAsInRfc8448) {
  RecordSealer sealer(CipherSuite::kAes128GcmSha256, secret(kServerApplicationSecret));
  RecordOpener opener(CipherSuite::kAes128GcmSha256, secret(kServerApplicationSecret));
  const Opened ticket = open(opener, from_hex(test::simple::kNewSessionTicketRecord));
  EXPECT_EQ(ticket.type, 22);
  EXPECT_EQ(seal(sealer, ContentType::kHandshake, ticket.content),
            from_hex(test::simple::kNewSessionTicketRecord));
  EXPECT_EQ(seal(sealer, ContentType::kApplicationData, from_hex(test::simple::kServerData)),
            from_hex(test::simple::kServerDataRecord));
  EXPECT_EQ(seal(sealer, ContentType::kAlert, encode_alert(AlertDescription::kCloseNotify)),
            from_hex(test::simple::kServerCloseNotifyRecord));
}

TEST(RecordOpener, OpensTheClientsRecordsOfRfc8448) {
  RecordOpener opener(CipherSuite::kAes128GcmSha256, secret(kClientApplicationSecret));
  const Opened data = open(opener, from_hex(test::simple::kClientDataRecord));
  EXPECT_EQ(data.type, 23);
  EXPECT_EQ(data.content, from_hex(test::simple::kClientData));
  const Opened alert = open(opener, from_hex(test::simple::kClientCloseNotifyRecord));
  EXPECT_EQ(alert.type, 21);
  EXPECT_EQ(alert.content, (Octets{1, 0}));
}

TEST(RecordOpener, OpensWhatWasSealedUnderEverySuite) {
  for (const CipherSuite suite : kSuites) {
    const crypto::Secret traffic_secret(48);
    RecordSealer sealer(suite, traffic_secret);
    RecordOpener opener(suite, traffic_secret);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{300}, kMaxPlaintext}) {
      const Octets content(size, 0x77);
      const Opened opened = open(opener, seal(sealer, ContentType::kApplicationData, content));
      EXPECT_FALSE(opened.error);
      EXPECT_EQ(opened.content, content);
    }
  }
}

TEST(RecordOpener, RefusesAnyChangedBit) {
  const crypto::Secret traffic_secret(32);
  RecordSealer sealer(kSuites[0], traffic_secret);
  const Octets record = seal(sealer, ContentType::kApplicationData, octets("text"));
  RecordOpener opener(kSuites[0], traffic_secret);
  for (std::size_t bit = kRecordHeaderSize * 8; bit < record.size() * 8; ++bit) {
    Octets changed = record;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
    EXPECT_EQ(open(opener, changed).error, Error::kBadRecordMac) << bit;
  }
  EXPECT_EQ(open(opener, record).content, octets("text"));
}

TEST(RecordOpener, RefusesARecordTwiceOrOutOfOrder) {
  const crypto::Secret traffic_secret(32);
  RecordSealer sealer(kSuites[0], traffic_secret);
  RecordOpener opener(kSuites[0], traffic_secret);
  const Octets first = seal(sealer, ContentType::kApplicationData, octets("1"));
  const Octets second = seal(sealer, ContentType::kApplicationData, octets("2"));
  EXPECT_EQ(open(opener, second).error, Error::kBadRecordMac);
  EXPECT_FALSE(open(opener, first).error);
  EXPECT_EQ(open(opener, first).error, Error::kBadRecordMac);
  EXPECT_FALSE(open(opener, second).error);
}

TEST(RecordOpener, AuthenticatesTheHeader) {
  const crypto::Secret traffic_secret(32);
  RecordSealer sealer(kSuites[0], traffic_secret);
  Octets record = seal(sealer, ContentType::kApplicationData, octets("text"));
  record[1] = 2;
  RecordOpener opener(kSuites[0], traffic_secret);
  EXPECT_EQ(open(opener, record).error, Error::kBadRecordMac);
}

TEST(RecordOpener, RefusesARecordShorterThanATag) {
  const crypto::Secret traffic_secret(32);
  RecordOpener opener(kSuites[0], traffic_secret);
  for (std::size_t size = 0; size <= crypto::kAeadTagSize; ++size) {
    EXPECT_EQ(open(opener, test::plain_record(ContentType::kApplicationData, Octets(size))).error,
              Error::kBadRecordMac);
  }
}

TEST(RecordOpener, StripsPadding) {
  for (const std::size_t padding : std::to_array<std::size_t>({0, 1, 255, 10000})) {
    const Opened opened =
        open_inner(joined({octets("ab"), Octets{0, 0}, Octets{23}, Octets(padding)}));
    EXPECT_EQ(opened.type, 23);
    EXPECT_EQ(opened.content, joined({octets("ab"), Octets{0, 0}}));
  }
}

TEST(RecordOpener, RefusesNothingButPadding) {
  EXPECT_EQ(open_inner({}).error, Error::kOnlyPadding);
  EXPECT_EQ(open_inner(Octets(1)).error, Error::kOnlyPadding);
  EXPECT_EQ(open_inner(Octets(1000)).error, Error::kOnlyPadding);
}

TEST(RecordOpener, TakesTheLongestPlaintextAndRefusesTheNextLonger) {
  Octets inner(kMaxPlaintext, 1);
  inner.push_back(23);
  EXPECT_FALSE(open_inner(inner).error);
  inner.push_back(0);
  EXPECT_EQ(open_inner(inner).error, Error::kPlaintextTooLong);
  Octets padded = {23};
  padded.resize(kMaxPlaintext + 1);
  EXPECT_FALSE(open_inner(padded).error);
  padded.push_back(0);
  EXPECT_EQ(open_inner(padded).error, Error::kPlaintextTooLong);
}

TEST(RecordProtection, OfTheNextEpochIsAnother) {
  const crypto::Secret traffic_secret(32);
  RecordSealer sealer(kSuites[0], traffic_secret);
  RecordOpener opener(kSuites[0], traffic_secret);
  RecordSealer next_sealer = sealer.next();
  RecordOpener next_opener = opener.next();
  const Octets record = seal(next_sealer, ContentType::kApplicationData, octets("x"));
  EXPECT_EQ(open(opener, record).error, Error::kBadRecordMac);
  EXPECT_EQ(open(next_opener, record).content, octets("x"));
}

TEST(Nonce, IsTheIvXoredWithTheSequenceNumber) {
  crypto::AeadNonce iv;
  iv.fill(0xff);
  Nonce nonce(iv);
  EXPECT_EQ(hex_encode(nonce.current()), "ffffffffffffffffffffffff");
  for (unsigned i = 0; i < 0x10203; ++i) nonce.advance();
  EXPECT_EQ(hex_encode(nonce.current()), "fffffffffffffffffffefdfc");
}

}  // namespace
}  // namespace heliograph::tls
