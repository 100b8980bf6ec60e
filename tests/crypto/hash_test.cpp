#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

// The examples of FIPS 180-4 for the message "abc".
constexpr std::string_view kSha1OfAbc = "a9993e364706816aba3e25717850c26c9cd0d89d";
constexpr std::string_view kSha256OfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kSha384OfAbc =
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
    "8086072ba1e7cc2358baeca134c825a7";

TEST(Hash, GivesThePublishedDigestsInOneShot) {
  EXPECT_EQ(hex_encode(hash(HashAlgorithm::kSha1, as_bytes("abc")).bytes()), kSha1OfAbc);
  EXPECT_EQ(hex_encode(hash(HashAlgorithm::kSha256, as_bytes("abc")).bytes()), kSha256OfAbc);
  EXPECT_EQ(hex_encode(hash(HashAlgorithm::kSha384, as_bytes("abc")).bytes()), kSha384OfAbc);
  EXPECT_EQ(hex_encode(hash(HashAlgorithm::kSha256, {}).bytes()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 6455 section 1.3.
TEST(Hash, GivesTheAcceptKeyOfTheWebSocketExample) {
  const Digest digest =
      hash(HashAlgorithm::kSha1,
           as_bytes("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
  EXPECT_EQ(hex_encode(digest.bytes()), "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

TEST(Hash, ByteByByteEqualsOneShot) {
  for (const auto algorithm :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha256, HashAlgorithm::kSha384}) {
    const auto message = repeated(0x61, 200);
    Hash running(algorithm);
    for (const std::uint8_t& byte : message) running.update({&byte, 1});
    EXPECT_TRUE(equal(running.digest().bytes(), hash(algorithm, message).bytes()));
    EXPECT_EQ(running.digest().size, digest_size(algorithm));
  }
}

TEST(Hash, DigestDoesNotEndTheRunningHash) {
  Hash running(HashAlgorithm::kSha256);
  running.update(as_bytes("a"));
  const Digest of_a = running.digest();
  running.update(as_bytes("bc"));
  EXPECT_EQ(hex_encode(running.digest().bytes()), kSha256OfAbc);
  EXPECT_TRUE(equal(of_a.bytes(), hash(HashAlgorithm::kSha256, as_bytes("a")).bytes()));
}

TEST(Hash, CopyIsASnapshotThatGoesOnAlone) {
  Hash original(HashAlgorithm::kSha384);
  original.update(as_bytes("ab"));
  Hash snapshot = original;
  original.update(as_bytes("x"));
  snapshot.update(as_bytes("c"));
  EXPECT_EQ(hex_encode(snapshot.digest().bytes()), kSha384OfAbc);

  Hash assigned(HashAlgorithm::kSha1);
  assigned = snapshot;
  EXPECT_EQ(assigned.algorithm(), HashAlgorithm::kSha384);
  EXPECT_EQ(hex_encode(assigned.digest().bytes()), kSha384OfAbc);
}

}  // namespace
}  // namespace heliograph::crypto
