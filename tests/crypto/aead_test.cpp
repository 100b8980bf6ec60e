#include "crypto/aead.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

struct Vector {
  AeadAlgorithm algorithm;
  std::vector<std::uint8_t> key;
  std::string_view nonce;
  std::string_view additional_data;
  std::vector<std::uint8_t> plaintext;
  std::string_view sealed;
};

constexpr std::string_view kGcmPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view kGcmKey = "feffe9928665731c6d6a8f9467308308";

std::vector<Vector> vectors() {
  return {
      // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 1, 4 and 16.
      {AeadAlgorithm::kAes128Gcm,
       repeated(0, 16),
       "000000000000000000000000",
       "",
       {},
       "58e2fccefa7e3061367f1d57a4e7455a"},
      {AeadAlgorithm::kAes128Gcm, from_hex(kGcmKey), "cafebabefacedbaddecaf888",
       "feedfacedeadbeeffeedfacedeadbeefabaddad2", from_hex(kGcmPlaintext),
       "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
       "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
       "5bc94fbc3221a5db94fae95ae7121a47"},
      {AeadAlgorithm::kAes256Gcm,
       from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
       "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       from_hex(kGcmPlaintext),
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
       "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
       "76fc6ece0f4e1768cddf8853bb2d551b"},
      // RFC 8439 section 2.8.2.
      {AeadAlgorithm::kChaCha20Poly1305, counting(0x80, 0x9f), "070000004041424344454647",
       "50515253c0c1c2c3c4c5c6c7",
       copy_of(as_bytes("Ladies and Gentlemen of the class of '99: If I could offer you only one "
                        "tip for the future, sunscreen would be it.")),
       "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
       "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
       "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
       "3ff4def08e4b7a9de576d26586cec64b6116"
       "1ae10b594f09e26a7e902ecbd0600691"},
  };
}

AeadNonce nonce_of(std::string_view hex) {
  AeadNonce nonce = {};
  std::ranges::copy(from_hex(hex), nonce.begin());
  return nonce;
}

std::vector<std::uint8_t> with_room_for_tag(std::vector<std::uint8_t> plaintext) {
  plaintext.resize(plaintext.size() + kAeadTagSize);
  return plaintext;
}

TEST(Aead, SealsThePublishedVectorsInPlace) {
  for (const Vector& vector : vectors()) {
    SealingKey key(vector.algorithm, vector.key);
    auto record = with_room_for_tag(vector.plaintext);
    key.seal(nonce_of(vector.nonce), from_hex(vector.additional_data), record);
    EXPECT_EQ(hex_encode(record), vector.sealed);
  }
}

TEST(Aead, SealsPiecesAsIfTheyWereOne) {
  for (const Vector& vector : vectors()) {
    SealingKey key(vector.algorithm, vector.key);
    for (std::size_t first = 0; first <= vector.plaintext.size(); ++first) {
      const Bytes text = vector.plaintext;
      const std::array<Bytes, 3> pieces = {text.first(first), Bytes(), text.subspan(first)};
      std::vector<std::uint8_t> record(text.size() + kAeadTagSize);
      key.seal(nonce_of(vector.nonce), from_hex(vector.additional_data), pieces, record);
      EXPECT_EQ(hex_encode(record), vector.sealed) << first;
    }
  }
}

// Pieces that are on average shorter than a border are put together first.
TEST(Aead, SealsPiecesOfEverySizeAsIfTheyWereOne) {
  const auto key = repeated(1, 16);
  const AeadNonce nonce{};
  const std::size_t border = std::size_t{3} * 400 - kAeadTagSize;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, border - 1, border,
                                 border + 1, border + 2, std::size_t{16384}}) {
    std::vector<std::uint8_t> text = repeated(0x5a, size);
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::uint8_t>(text[i] + i);
    std::vector<std::uint8_t> whole = text;
    whole.resize(size + kAeadTagSize);
    SealingKey sealing(AeadAlgorithm::kAes128Gcm, key);
    sealing.seal(nonce, {}, MutableBytes(whole));

    const Bytes bytes = text;
    const std::array<Bytes, 3> pieces = {bytes.first(size / 3), bytes.first(0),
                                         bytes.subspan(size / 3)};
    std::vector<std::uint8_t> gathered(size + kAeadTagSize, 0xee);
    sealing.seal(nonce, {}, pieces, gathered);
    EXPECT_EQ(gathered, whole) << size;
  }
}

TEST(Aead, SealsPiecesThatPartlyLieInPlace) {
  for (const Vector& vector : vectors()) {
    SealingKey key(vector.algorithm, vector.key);
    auto record = with_room_for_tag(vector.plaintext);
    const std::size_t half = vector.plaintext.size() / 2;
    const std::array<Bytes, 2> pieces = {
        Bytes(vector.plaintext).first(half),
        Bytes(record).subspan(half, vector.plaintext.size() - half)};
    key.seal(nonce_of(vector.nonce), from_hex(vector.additional_data), pieces, record);
    EXPECT_EQ(hex_encode(record), vector.sealed);
  }
}

TEST(Aead, OpensThePublishedVectorsWithOneKeyAgainAndAgain) {
  for (const Vector& vector : vectors()) {
    OpeningKey key(vector.algorithm, vector.key);
    for (int use = 0; use < 3; ++use) {
      auto record = from_hex(vector.sealed);
      const auto opened =
          key.open(nonce_of(vector.nonce), from_hex(vector.additional_data), record);
      ASSERT_TRUE(opened.has_value());
      EXPECT_TRUE(equal(*opened, vector.plaintext));
      EXPECT_EQ(opened->data(), record.data());
    }
  }
}

TEST(Aead, RefusesEveryFlippedBitAndStillOpensTheTrueRecordAfterwards) {
  for (const Vector& vector : vectors()) {
    OpeningKey key(vector.algorithm, vector.key);
    const auto sealed = from_hex(vector.sealed);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      auto forged = sealed;
      forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_FALSE(key.open(nonce_of(vector.nonce), from_hex(vector.additional_data), forged));
    }
    auto record = sealed;
    EXPECT_TRUE(key.open(nonce_of(vector.nonce), from_hex(vector.additional_data), record));
  }
}

TEST(Aead, RefusesOtherNonceAndOtherAdditionalData) {
  for (const Vector& vector : vectors()) {
    OpeningKey key(vector.algorithm, vector.key);
    AeadNonce other_nonce = nonce_of(vector.nonce);
    other_nonce[11] ^= 1;
    auto record = from_hex(vector.sealed);
    EXPECT_FALSE(key.open(other_nonce, from_hex(vector.additional_data), record));
    record = from_hex(vector.sealed);
    auto other_data = from_hex(vector.additional_data);
    other_data.push_back(0);
    EXPECT_FALSE(key.open(nonce_of(vector.nonce), other_data, record));
  }
}

TEST(Aead, RefusesARecordShorterThanATag) {
  OpeningKey key(AeadAlgorithm::kAes128Gcm, repeated(0, 16));
  for (std::size_t size = 0; size < kAeadTagSize; ++size) {
    std::vector<std::uint8_t> record(size);
    EXPECT_FALSE(key.open({}, {}, record)) << size;
  }
  auto just_a_tag = from_hex("58e2fccefa7e3061367f1d57a4e7455a");
  const auto opened = key.open({}, {}, just_a_tag);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->empty());
}

}  // namespace
}  // namespace heliograph::crypto
