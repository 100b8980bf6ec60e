#include "crypto/password.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

std::string scrypt_hex(std::string_view password, std::string_view salt,
                       const ScryptParameters& parameters) {
  std::vector<std::uint8_t> out(64);
  if (!scrypt(password, as_bytes(salt), parameters, out)) return "refused";
  return hex_encode(out);
}

std::string pbkdf2_hex(std::string_view password, std::string_view salt, std::uint32_t iterations,
                       std::size_t size) {
  std::vector<std::uint8_t> out(size);
  if (!pbkdf2_sha256(password, as_bytes(salt), iterations, out)) return "refused";
  return hex_encode(out);
}

// RFC 7914 section 12.
TEST(Password, ScryptGivesTheVectorsOfRfc7914) {
  EXPECT_EQ(scrypt_hex("", "", {.log2_n = 4, .r = 1, .p = 1}),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(scrypt_hex("password", "NaCl", {.log2_n = 10, .r = 8, .p = 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  EXPECT_EQ(scrypt_hex("pleaseletmein", "SodiumChloride", {.log2_n = 14, .r = 8, .p = 1}),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Password, ScryptRefusesParametersThatAreNone) {
  for (const ScryptParameters& parameters :
       {ScryptParameters{.log2_n = 0, .r = 8, .p = 1},
        ScryptParameters{.log2_n = 64, .r = 8, .p = 1},
        ScryptParameters{.log2_n = 10, .r = 0, .p = 1},
        ScryptParameters{.log2_n = 10, .r = 8, .p = 0},
        ScryptParameters{.log2_n = 10, .r = 1U << 31U, .p = 1U << 31U}}) {
    EXPECT_EQ(scrypt_hex("password", "salt", parameters), "refused");
  }
}

TEST(Password, ScryptRefusesOneDoublingPastItsMemory) {
  // 2^17 blocks of 1 KiB fit into 256 MiB with what scrypt needs besides; 2^18 do not.
  EXPECT_NE(scrypt_hex("password", "salt", {.log2_n = 18, .r = 16, .p = 1}), "refused");
  EXPECT_EQ(scrypt_hex("password", "salt", {.log2_n = 19, .r = 16, .p = 1}), "refused");
  EXPECT_EQ(scrypt_hex("password", "salt", {.log2_n = 40, .r = 8, .p = 1}), "refused");
}

// RFC 7914 section 11, and the SHA-256 forms of the vectors of RFC 6070.
TEST(Password, Pbkdf2GivesThePublishedVectors) {
  EXPECT_EQ(pbkdf2_hex("passwd", "salt", 1, 64),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(pbkdf2_hex("password", "salt", 1, 32),
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b");
  EXPECT_EQ(pbkdf2_hex("password", "salt", 4096, 32),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
  EXPECT_EQ(
      pbkdf2_hex("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 40),
      "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9");
}

TEST(Password, Pbkdf2RefusesZeroIterations) {
  EXPECT_EQ(pbkdf2_hex("password", "salt", 0, 32), "refused");
}

TEST(Password, EmptyPasswordsAndSaltsAreHashedToo) {
  EXPECT_NE(pbkdf2_hex("", "", 1, 32), "refused");
  EXPECT_NE(pbkdf2_hex("", "", 1, 32), pbkdf2_hex("", "s", 1, 32));
}

}  // namespace
}  // namespace heliograph::crypto
