#include "crypto/peer_certificate.hpp"

#include <gmock/gmock.h>

#include "crypto/certificate.hpp"
#include "tests/crypto/authority.hpp"
#include "tests/crypto/fixtures.hpp"

namespace heliograph::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Result<PeerCertificate, PeerCertificateError> load(std::vector<std::vector<std::uint8_t>> chain) {
  return PeerCertificate::from_der(std::vector<Bytes>(chain.begin(), chain.end()));
}

PeerCertificateError error_of(const std::vector<std::uint8_t>& leaf) {
  return load({leaf}).error();
}

Identity identity(const Wish& wish) {
  return load({issue_self_signed(wish).der})->identity();
}

std::vector<std::uint8_t> der_of(std::string_view pem) {
  return CertificateChain::from_pem(as_bytes(pem))->certificates()[0];
}

TEST(PeerCertificate, GivesTheKeyOfTheLeafAndTheChainAsReceived) {
  const auto leaf = der_of(fixtures::kP256Certificate);
  const auto other = der_of(fixtures::kRsaV1Certificate);
  const auto peer = load({leaf, other});
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->key().type(), KeyType::kEcP256);
  EXPECT_THAT(peer->certificates(), ElementsAre(leaf, other));
}

TEST(PeerCertificate, LooksIntoTheLeafOnly) {
  EXPECT_TRUE(load({der_of(fixtures::kP256Certificate), {0x30}, {}}).has_value());
}

TEST(PeerCertificate, MayBeOfVersionOne) {
  const auto peer = load({der_of(fixtures::kRsaV1Certificate)});
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->identity().subject, "CN=localhost");
  EXPECT_THAT(peer->identity().dns_names, IsEmpty());
}

TEST(PeerCertificate, MustBeThereWhole) {
  EXPECT_EQ(PeerCertificate::from_der({}).error(), PeerCertificateError::kMalformed);
  EXPECT_EQ(error_of({}), PeerCertificateError::kMalformed);
  const auto leaf = der_of(fixtures::kP256Certificate);
  auto longer = leaf;
  longer.push_back(0);
  EXPECT_EQ(error_of(longer), PeerCertificateError::kMalformed);
  EXPECT_EQ(error_of({leaf.begin(), leaf.end() - 1}), PeerCertificateError::kMalformed);
}

// The outermost length in the indefinite form of BER, closed by two zeros.
TEST(PeerCertificate, MustBeInDer) {
  const auto der = der_of(fixtures::kP256Certificate);
  std::vector<std::uint8_t> ber = {0x30, 0x80};
  ber.insert(ber.end(), der.begin() + 4, der.end());
  ber.insert(ber.end(), {0x00, 0x00});
  EXPECT_EQ(error_of(ber), PeerCertificateError::kMalformed);
}

TEST(PeerCertificate, ExtensionThatCannotBeReadIsMalformed) {
  Wish wish = server("DNS:a.example");
  wish.extensions.back() = {"subjectAltName", "DER:0500"};
  EXPECT_EQ(error_of(issue_self_signed(wish).der), PeerCertificateError::kMalformed);
}

TEST(PeerCertificate, KeysThatCannotBeUsedAreNamed) {
  for (const char* kind : {"P-224", "P-521", "RSA-1024", "RSA-PSS"}) {
    Wish wish = server("DNS:a.example");
    wish.key = kind;
    EXPECT_EQ(error_of(issue_self_signed(wish).der), PeerCertificateError::kUnsupportedKey) << kind;
  }
}

TEST(PeerCertificate, KeyUsageMustAllowSignatures) {
  const auto with_usage = [](const char* usage) {
    return issue_self_signed({.common_name = "x", .extensions = {{"keyUsage", usage}}}).der;
  };
  EXPECT_EQ(error_of(with_usage("keyEncipherment,keyAgreement")), PeerCertificateError::kKeyUsage);
  EXPECT_TRUE(load({with_usage("digitalSignature,keyEncipherment")}).has_value());
  EXPECT_TRUE(load({issue_self_signed({.common_name = "x"}).der}).has_value());
}

TEST(Identity, HasTheNamesOfSubjectAltNameByTheirKind) {
  const Identity names = identity(
      server("DNS:a.example,DNS:*.B.example,IP:192.0.2.1,IP:2001:db8::1,email:anna@example.org,"
             "URI:heliograph:user:anna,RID:1.2.3"));
  EXPECT_EQ(names.subject, "CN=a server");
  EXPECT_THAT(names.dns_names, ElementsAre("a.example", "*.B.example"));
  EXPECT_THAT(names.ip_addresses, ElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_THAT(names.email_addresses, ElementsAre("anna@example.org"));
  EXPECT_THAT(names.uris, ElementsAre("heliograph:user:anna"));
}

TEST(Identity, SubjectIsEscaped) {
  EXPECT_EQ(identity({.common_name = "a,b\n\xc3\xa9"}).subject, "CN=a\\,b\\0A\\C3\\A9");
  EXPECT_EQ(identity({.common_name = ""}).subject, "");
}

// SEQUENCE of four dNSNames: "a\0b", "a\nb", "a\xe9", "ok"; and an iPAddress of five bytes.
TEST(Identity, LeavesOutNamesThatAreNone) {
  Wish wish = server("DNS:a.example");
  wish.extensions.back() = {
      "subjectAltName",
      "DER:30:19:82:03:61:00:62:82:03:61:0a:62:82:02:61:e9:82:02:6f:6b:87:05:01:02:03:04:05"};
  const Identity names = identity(wish);
  EXPECT_THAT(names.dns_names, ElementsAre("ok"));
  EXPECT_THAT(names.ip_addresses, IsEmpty());
}

}  // namespace
}  // namespace heliograph::crypto
