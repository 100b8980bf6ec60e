#include "crypto/hkdf.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

struct Vector {
  std::vector<std::uint8_t> ikm;
  std::vector<std::uint8_t> salt;
  std::vector<std::uint8_t> info;
  std::string_view prk;
  std::string_view okm;
};

// RFC 5869 appendix A.1 to A.3.
std::vector<Vector> rfc_5869() {
  return {
      {repeated(0x0b, 22), counting(0x00, 0x0c), counting(0xf0, 0xf9),
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
       "34007208d5b887185865"},
      {counting(0x00, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff),
       "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
       "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
       "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {repeated(0x0b, 22),
       {},
       {},
       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
       "9d201395faa4b61a96c8"},
  };
}

TEST(Hkdf, GivesTheVectorsOfRfc5869) {
  for (const Vector& vector : rfc_5869()) {
    const Secret prk = hkdf_extract(HashAlgorithm::kSha256, vector.salt, vector.ikm);
    EXPECT_EQ(hex_encode(prk.bytes()), vector.prk);
    std::vector<std::uint8_t> okm(vector.okm.size() / 2);
    hkdf_expand(HmacKey(HashAlgorithm::kSha256, prk.bytes()), vector.info, okm);
    EXPECT_EQ(hex_encode(okm), vector.okm);
  }
}

TEST(Hkdf, ShorterOutputIsAPrefixOfALongerOneAcrossTheEdgeOfABlock) {
  const HmacKey key(HashAlgorithm::kSha384, as_bytes("key"));
  std::vector<std::uint8_t> longest(145);
  hkdf_expand(key, as_bytes("info"), longest);
  for (const std::size_t size : {0U, 1U, 47U, 48U, 49U, 96U, 97U, 144U}) {
    std::vector<std::uint8_t> shorter(size);
    hkdf_expand(key, as_bytes("info"), shorter);
    EXPECT_TRUE(equal(shorter, Bytes(longest).first(size))) << size;
  }
}

// "salt: optional salt value; if not provided, it is set to a string of HashLen zeros."
TEST(Hkdf, EmptySaltIsTheSameAsZeros) {
  const Secret empty = hkdf_extract(HashAlgorithm::kSha384, {}, as_bytes("ikm"));
  const Secret zeros = hkdf_extract(HashAlgorithm::kSha384, repeated(0, 48), as_bytes("ikm"));
  EXPECT_TRUE(equal(empty.bytes(), zeros.bytes()));
  EXPECT_EQ(empty.size(), 48U);
}

}  // namespace
}  // namespace heliograph::crypto
