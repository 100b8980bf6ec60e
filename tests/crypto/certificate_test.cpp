#include "crypto/certificate.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/base64.hpp"
#include "tests/crypto/authority.hpp"
#include "tests/crypto/fixtures.hpp"
#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CertificateChain load(std::string_view pem) {
  return CertificateChain::from_pem(as_bytes(pem)).value();
}

std::string error_of(std::string_view pem) {
  const auto chain = CertificateChain::from_pem(as_bytes(pem));
  return chain ? "no error" : chain.error();
}

std::string pair_error(std::string_view chain, std::string_view key,
                       std::string_view passphrase = {}) {
  const auto pair = load_key_pair(as_bytes(chain), as_bytes(key), passphrase);
  return pair ? "no error" : pair.error();
}

// What stands between the lines of a block, decoded.
std::vector<std::uint8_t> der_of(std::string_view pem) {
  const std::size_t begin = pem.find('\n') + 1;
  std::string body(pem.substr(begin, pem.find("-----END") - begin));
  std::erase(body, '\n');
  return base64_decode(body).value();
}

std::string pem_of(Bytes der) {
  return "-----BEGIN CERTIFICATE-----\n" + base64_encode(der) + "\n-----END CERTIFICATE-----\n";
}

TEST(CertificateChain, VersionOneSelfSignedLoads) {
  const auto pair =
      load_key_pair(as_bytes(fixtures::kRsaV1Certificate), as_bytes(fixtures::kRsaKey));
  ASSERT_TRUE(pair.has_value()) << pair.error();
  EXPECT_EQ(pair->chain.leaf_key().type(), KeyType::kRsa);
  EXPECT_EQ(pair->chain.leaf_key().bits(), 2048);
  EXPECT_EQ(pair->chain.certificates().size(), 1U);
  EXPECT_EQ(pair->chain.certificates()[0], der_of(fixtures::kRsaV1Certificate));
}

// As "openssl x509 -noout -dates" says: Nov 22 18:34:22 2026 to Nov 19 18:34:22 2036.
TEST(CertificateChain, ValidityIsInSecondsSince1970) {
  const CertificateChain chain = load(fixtures::kRsaV1Certificate);
  EXPECT_EQ(chain.not_before(), 1795372462);
  EXPECT_EQ(chain.not_after(), 2110732462);
}

TEST(CertificateChain, KeepsTheOrderOfTheFileAndSkipsOtherBlocks) {
  const std::string file = "some text\n" + std::string(fixtures::kP256TraditionalKey) +
                           std::string(fixtures::kP256Certificate) +
                           std::string(fixtures::kRsaV1Certificate);
  const CertificateChain chain = load(file);
  ASSERT_EQ(chain.certificates().size(), 2U);
  EXPECT_EQ(chain.certificates()[0], der_of(fixtures::kP256Certificate));
  EXPECT_EQ(chain.certificates()[1], der_of(fixtures::kRsaV1Certificate));
  EXPECT_EQ(chain.leaf_key().type(), KeyType::kEcP256);
  EXPECT_EQ(pair_error(file, file), "no error");
}

TEST(CertificateChain, FileWithoutACertificateIsNamed) {
  for (const std::string_view pem :
       {std::string_view(), std::string_view("hello"), std::string_view(fixtures::kP256Pkcs8Key)}) {
    EXPECT_EQ(error_of(pem), "the file has no CERTIFICATE block: a chain in PEM form is needed");
  }
}

TEST(CertificateChain, MayHaveSixteenCertificatesAndNoMore) {
  std::string file;
  for (int i = 0; i < 16; ++i) file += fixtures::kP256Certificate;
  EXPECT_EQ(load(file).certificates().size(), 16U);
  file += fixtures::kP256Certificate;
  EXPECT_EQ(error_of(file),
            "the file has more than 16 certificates: give only the server's and its issuers'");
}

TEST(CertificateChain, DamagedCertificatesAreNamedByTheirPlace) {
  const auto der = der_of(fixtures::kP256Certificate);
  auto longer = der;
  longer.push_back(0);
  const std::string good(fixtures::kP256Certificate);
  EXPECT_EQ(error_of(good + pem_of(longer)), "certificate 2 of the file is damaged, or not in DER");
  EXPECT_EQ(error_of(pem_of(Bytes(der).first(der.size() - 1))),
            "certificate 1 of the file is damaged, or not in DER");
  EXPECT_EQ(error_of(good.substr(0, 200)), "a PEM block is damaged: copy the file again");
}

// The outermost length in the indefinite form of BER, closed by two zeros.
TEST(CertificateChain, RefusesBer) {
  auto der = der_of(fixtures::kP256Certificate);
  ASSERT_EQ(der[1], 0x82);
  std::vector<std::uint8_t> ber = {0x30, 0x80};
  ber.insert(ber.end(), der.begin() + 4, der.end());
  ber.insert(ber.end(), {0x00, 0x00});
  EXPECT_EQ(error_of(pem_of(ber)), "certificate 1 of the file is damaged, or not in DER");
}

TEST(CertificateChain, DnsNamesOfTheLeafAreInLowerCase) {
  const Issued root = issue_self_signed(authority("root"));
  const Issued leaf = issue(server("DNS:A.Example,IP:192.0.2.1,DNS:*.b.example"), root);
  EXPECT_THAT(load(leaf.pem() + root.pem()).dns_names(), ElementsAre("a.example", "*.b.example"));
  EXPECT_THAT(load(fixtures::kRsaV1Certificate).dns_names(), IsEmpty());
}

// Name, RDN, AttributeTypeAndValue { commonName, UTF8String "..." }
TEST(CertificateChain, IssuersAreNamesInDer) {
  const Issued root = issue_self_signed(authority("root"));
  const Issued lower = issue(authority("lower"), root);
  const auto chain = load(issue(server("DNS:a"), lower).pem() + lower.pem());
  EXPECT_THAT(chain.issuers(), ElementsAre(from_hex("3010310e300c06035504030c056c6f776572"),
                                           from_hex("300f310d300b06035504030c04726f6f74")));
}

TEST(KeyPair, KeyOfAnotherCertificateIsNamed) {
  EXPECT_EQ(pair_error(fixtures::kRsaV1Certificate, fixtures::kP256Pkcs8Key),
            "the private key does not belong to the certificate: the server's own must come first");
  EXPECT_EQ(pair_error(fixtures::kP256Certificate, fixtures::kP384Key),
            "the private key does not belong to the certificate: the server's own must come first");
}

TEST(KeyPair, ErrorsOfBothFilesComeThrough) {
  EXPECT_EQ(pair_error("", fixtures::kP256Pkcs8Key),
            "the file has no CERTIFICATE block: a chain in PEM form is needed");
  EXPECT_EQ(pair_error(fixtures::kP256Certificate, fixtures::kP256EncryptedPkcs8Key, "wrong"),
            "the passphrase is wrong");
  EXPECT_EQ(pair_error(fixtures::kP256Certificate, fixtures::kP256EncryptedPkcs8Key,
                       fixtures::kPassphrase),
            "no error");
}

}  // namespace
}  // namespace heliograph::crypto
