#include "crypto/self_signed.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/certificate.hpp"
#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

// 2026-11-22 12:00:00 UTC.
constexpr std::int64_t kNow = 1795348800;
constexpr std::int64_t kDay = 86400;

NewCertificate make(const std::vector<std::string>& names, int days = 30) {
  return make_self_signed(names, kNow, days).value();
}

std::string error_of(const std::vector<std::string>& names, int days = 30) {
  const auto made = make_self_signed(names, kNow, days);
  return made ? "no error" : made.error();
}

KeyPair load(const NewCertificate& made) {
  return load_key_pair(as_bytes(made.certificate_pem), made.private_key_pem).value();
}

bool contains(const KeyPair& pair, std::string_view hex) {
  const auto part = from_hex(hex);
  return !std::ranges::search(pair.chain.certificates()[0], part).empty();
}

TEST(SelfSigned, LoadsWithItsKeyAndIsValidFromAnHourAgo) {
  const KeyPair pair = load(make({"localhost"}, 30));
  EXPECT_EQ(pair.key.type(), KeyType::kEcP256);
  EXPECT_EQ(pair.chain.not_before(), kNow - 3600);
  EXPECT_EQ(pair.chain.not_after(), kNow + 30 * kDay);
}

// RFC 5280 section 4.2.1.6: dNSName is [2], iPAddress is [7].
TEST(SelfSigned, NamesEveryHostAndAddress) {
  const KeyPair pair = load(make({"localhost", "*.example", "127.0.0.1", "::1"}));
  EXPECT_TRUE(contains(pair, "82096c6f63616c686f7374"));
  EXPECT_TRUE(contains(pair, "82092a2e6578616d706c65"));
  EXPECT_TRUE(contains(pair, "87047f000001"));
  EXPECT_TRUE(contains(pair, "871000000000000000000000000000000001"));
}

// The extensions in DER: basicConstraints critical and empty (CA:FALSE), keyUsage critical with
// digitalSignature, extKeyUsage with serverAuth; and version 3.
TEST(SelfSigned, IsAServerCertificateAndNoAuthority) {
  const KeyPair pair = load(make({"localhost"}));
  EXPECT_TRUE(contains(pair, "0603551d130101ff04023000"));
  EXPECT_TRUE(contains(pair, "0603551d0f0101ff040403020780"));
  EXPECT_TRUE(contains(pair, "0603551d25040c300a06082b06010505070301"));
  EXPECT_TRUE(contains(pair, "a003020102"));
}

TEST(SelfSigned, EveryOneHasItsOwnKeyAndSerialNumber) {
  const KeyPair first = load(make({"localhost"}));
  const KeyPair second = load(make({"localhost"}));
  EXPECT_FALSE(first.chain.matches(second.key));
  EXPECT_NE(first.chain.certificates()[0], second.chain.certificates()[0]);
}

TEST(SelfSigned, RefusesWhatIsNoName) {
  EXPECT_EQ(error_of({}), "a certificate needs at least one name");
  for (const std::string& name :
       {std::string(), std::string("two words"), std::string("a,DNS:b"), std::string("x\0y", 3),
        std::string("user@host"), std::string("\xc3\xa9")}) {
    EXPECT_EQ(error_of({"localhost", name}),
              "'" + name + "' is neither a DNS name nor an IP address");
  }
}

TEST(SelfSigned, NameMayHave253CharactersAndNoMore) {
  EXPECT_EQ(error_of({std::string(253, 'a')}), "no error");
  EXPECT_NE(error_of({std::string(254, 'a')}), "no error");
}

TEST(SelfSigned, MayBeValidForOneDayToTenYears) {
  EXPECT_NE(error_of({"a"}, 0), "no error");
  EXPECT_EQ(error_of({"a"}, 1), "no error");
  EXPECT_EQ(error_of({"a"}, 3650), "no error");
  EXPECT_EQ(error_of({"a"}, 3651), "days must be 1 to 3650");
}

}  // namespace
}  // namespace heliograph::crypto
