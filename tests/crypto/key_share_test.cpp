#include "crypto/key_share.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

constexpr Group kGroups[] = {Group::kX25519, Group::kSecp256r1, Group::kSecp384r1};

struct Vector {
  Group group;
  std::string_view private_a;
  std::string_view public_a;
  std::string_view private_b;
  std::string_view public_b;
  std::string_view shared;
};

constexpr Vector kVectors[] = {
    // RFC 7748 section 6.1.
    {Group::kX25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    // RFC 5903 section 8.1.
    {Group::kSecp256r1, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
     "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    // RFC 5903 section 8.2.
    {Group::kSecp384r1,
     "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655"
     "e35b538041e649ee3faef896783ab194",
     "04667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6"
     "de3ac808acb4bdb4c88732aee95f41aa"
     "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e"
     "eb9fcff3c2c947dae69b4c634573a81c",
     "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942"
     "e0308312916b8ed2960e4bd55a7448fc",
     "04e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d"
     "0d1ac43a0336def96fda41d0774a3571"
     "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff"
     "f83fa40142209dff5eaad96db9e6386c",
     "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4"
     "d603135569b9e9d09cf5d4a270f59746"},
};

TEST(KeyShare, GivesThePublishedPublicValuesAndSecrets) {
  for (const Vector& vector : kVectors) {
    const KeyShare a = KeyShare::from_private_key(vector.group, from_hex(vector.private_a));
    const KeyShare b = KeyShare::from_private_key(vector.group, from_hex(vector.private_b));
    EXPECT_EQ(hex_encode(a.public_value()), vector.public_a);
    EXPECT_EQ(hex_encode(b.public_value()), vector.public_b);
    EXPECT_EQ(hex_encode(a.derive(b.public_value()).value().bytes()), vector.shared);
    EXPECT_EQ(hex_encode(b.derive(a.public_value()).value().bytes()), vector.shared);
  }
}

TEST(KeyShare, TwoFreshSharesAgreeAndAThirdDoesNot) {
  for (const Group group : kGroups) {
    const KeyShare a = KeyShare::generate(group);
    const KeyShare b = KeyShare::generate(group);
    const KeyShare c = KeyShare::generate(group);
    EXPECT_EQ(a.group(), group);
    EXPECT_EQ(a.public_value().size(), public_size(group));
    const Secret ab = a.derive(b.public_value()).value();
    EXPECT_TRUE(equal(ab.bytes(), b.derive(a.public_value()).value().bytes()));
    EXPECT_FALSE(equal(ab.bytes(), a.derive(c.public_value()).value().bytes()));
  }
}

TEST(KeyShare, SecretIsAsLongAsACoordinateAlthoughItMayBeginWithZeros) {
  for (const Group group : kGroups) {
    const std::size_t size = group == Group::kSecp384r1 ? 48 : 32;
    const KeyShare ours = KeyShare::generate(group);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(ours.derive(KeyShare::generate(group).public_value()).value().size(), size);
    }
  }
}

// k = 1 makes the shared secret the peer's x-coordinate, here one with leading zeros:
// x = 5 is on P-256, as a * 5 + b + 5^3 is a square.
TEST(KeyShare, LeadingZerosOfTheSecretAreKept) {
  const KeyShare one = KeyShare::from_private_key(Group::kSecp256r1, from_hex("01"));
  const auto point = from_hex(
      "040000000000000000000000000000000000000000000000000000000000000005"
      "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
  const auto secret = one.derive(point);
  ASSERT_TRUE(secret.has_value());
  EXPECT_TRUE(equal(secret->bytes(), Bytes(point).subspan(1, 32)));
}

TEST(KeyShare, RefusesEveryOtherLength) {
  for (const Group group : kGroups) {
    const KeyShare ours = KeyShare::generate(group);
    for (std::size_t size = 0; size <= 2 * kMaxPublicSize; ++size) {
      if (size == public_size(group)) continue;
      EXPECT_EQ(ours.derive(repeated(0x04, size)).error(), KeyShareError::kWrongLength) << size;
    }
  }
}

TEST(KeyShare, RefusesEveryFormOfAPointButTheUncompressedOne) {
  for (const Group group : {Group::kSecp256r1, Group::kSecp384r1}) {
    const KeyShare ours = KeyShare::generate(group);
    auto peer = copy_of(KeyShare::generate(group).public_value());
    for (unsigned form = 0; form < 256; ++form) {
      if (form == 0x04) continue;
      peer[0] = static_cast<std::uint8_t>(form);
      EXPECT_EQ(ours.derive(peer).error(), KeyShareError::kNotUncompressed) << form;
    }
  }
}

TEST(KeyShare, RefusesPointsOffTheCurve) {
  for (const Group group : {Group::kSecp256r1, Group::kSecp384r1}) {
    const KeyShare ours = KeyShare::generate(group);
    const auto valid = copy_of(KeyShare::generate(group).public_value());
    for (std::size_t at = 1; at < valid.size(); ++at) {
      auto bent = valid;
      bent[at] ^= 0x01;
      EXPECT_EQ(ours.derive(bent).error(), KeyShareError::kNotOnCurve) << at;
    }
    auto zero = repeated(0, valid.size());
    zero[0] = 0x04;
    EXPECT_EQ(ours.derive(zero).error(), KeyShareError::kNotOnCurve);
    auto too_large = repeated(0xff, valid.size());
    too_large[0] = 0x04;
    EXPECT_EQ(ours.derive(too_large).error(), KeyShareError::kNotOnCurve);
  }
}

// The points of small order of Curve25519, and their non-canonical forms: every multiple by a
// clamped scalar is zero (RFC 7748 section 7).
TEST(KeyShare, RefusesPointsThatMakeTheX25519SecretZero) {
  const KeyShare ours = KeyShare::generate(Group::kX25519);
  for (const std::string_view point :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    EXPECT_EQ(ours.derive(from_hex(point)).error(), KeyShareError::kZeroSharedSecret) << point;
  }
}

TEST(KeyShare, WorksOnAfterARefusal) {
  for (const Vector& vector : kVectors) {
    const KeyShare a = KeyShare::from_private_key(vector.group, from_hex(vector.private_a));
    EXPECT_FALSE(a.derive(repeated(0, public_size(vector.group))));
    EXPECT_EQ(hex_encode(a.derive(from_hex(vector.public_b)).value().bytes()), vector.shared);
  }
}

}  // namespace
}  // namespace heliograph::crypto
