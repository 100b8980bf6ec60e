#include "crypto/hmac.hpp"

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

struct Vector {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> data;
  std::string_view sha256;
  std::string_view sha384;
};

// RFC 4231 section 4, test cases 1, 2, 3, 4, 6 and 7.
std::vector<Vector> rfc_4231() {
  return {
      {repeated(0x0b, 20), copy_of(as_bytes("Hi There")),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
       "faea9ea9076ede7f4af152e8b2fa9cb6"},
      {copy_of(as_bytes("Jefe")), copy_of(as_bytes("what do ya want for nothing?")),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
       "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
       "8e2240ca5e69e2c78b3239ecfab21649"},
      {repeated(0xaa, 20), repeated(0xdd, 50),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
       "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
       "2a5ab39dc13814b94e3ab6e101a34f27"},
      {counting(0x01, 0x19), repeated(0xcd, 50),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
       "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
       "6801dd23c4a7d679ccf8a386c674cffb"},
      {repeated(0xaa, 131),
       copy_of(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
       "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
       "0c2ef6ab4030fe8296248df163f44952"},
      {repeated(0xaa, 131),
       copy_of(as_bytes("This is a test using a larger than block-size key and a larger than "
                        "block-size data. The key needs to be hashed before being used by the "
                        "HMAC algorithm.")),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
       "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
       "a678cc31e799176d3860e6110c46523e"},
  };
}

TEST(Hmac, GivesTheVectorsOfRfc4231) {
  for (const Vector& vector : rfc_4231()) {
    EXPECT_EQ(hex_encode(hmac(HashAlgorithm::kSha256, vector.key, vector.data).bytes()),
              vector.sha256);
    EXPECT_EQ(hex_encode(hmac(HashAlgorithm::kSha384, vector.key, vector.data).bytes()),
              vector.sha384);
  }
}

// RFC 2202 section 3, test case 2.
TEST(Hmac, GivesAVectorOfRfc2202) {
  EXPECT_EQ(hex_encode(hmac(HashAlgorithm::kSha1, as_bytes("Jefe"),
                            as_bytes("what do ya want for nothing?"))
                           .bytes()),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(Hmac, KeyCanBeUsedAgainAndTakesPieces) {
  const HmacKey key(HashAlgorithm::kSha256, as_bytes("Jefe"));
  for (int use = 0; use < 3; ++use) {
    EXPECT_EQ(
        hex_encode(key.mac({as_bytes("what do ya "), {}, as_bytes("want for nothing?")}).bytes()),
        rfc_4231()[1].sha256);
  }
}

TEST(Hmac, KeyIsSharedByThreads) {
  const HmacKey key(HashAlgorithm::kSha256, as_bytes("Jefe"));
  std::array<std::string, 4> macs;
  {
    std::array<std::jthread, macs.size()> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::jthread([&key, &mac = macs[i]] {
        for (int use = 0; use < 100; ++use) {
          mac = hex_encode(key.mac(as_bytes("what do ya want for nothing?")).bytes());
        }
      });
    }
  }
  for (const std::string& mac : macs) EXPECT_EQ(mac, rfc_4231()[1].sha256);
}

TEST(Hmac, KeyOfOneBlockIsUsedAsItIsAndALongerOneIsHashed) {
  const auto block = repeated(0x42, 64);
  const auto longer = repeated(0x42, 65);
  const Digest hashed = hash(HashAlgorithm::kSha256, longer);
  const Digest hashed_block = hash(HashAlgorithm::kSha256, block);
  EXPECT_TRUE(equal(hmac(HashAlgorithm::kSha256, longer, as_bytes("m")).bytes(),
                    hmac(HashAlgorithm::kSha256, hashed.bytes(), as_bytes("m")).bytes()));
  EXPECT_FALSE(equal(hmac(HashAlgorithm::kSha256, block, as_bytes("m")).bytes(),
                     hmac(HashAlgorithm::kSha256, hashed_block.bytes(), as_bytes("m")).bytes()));
}

}  // namespace
}  // namespace heliograph::crypto
