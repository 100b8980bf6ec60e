#include "tls/credential.hpp"

#include <gtest/gtest.h>

#include "tests/tls/fixtures.hpp"
#include "tls/certificate.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

auto load(std::string_view certificate, std::string_view key) {
  return load_credential(as_bytes(certificate), as_bytes(key), {});
}

TEST(Credential, KnowsWhatItCanSignWith) {
  using enum SignatureScheme;
  EXPECT_EQ((*load(test::kP256Certificate, test::kP256Key))->schemes,
            std::vector{kEcdsaSecp256r1Sha256});
  EXPECT_EQ((*load(test::kP384Certificate, test::kP384Key))->schemes,
            std::vector{kEcdsaSecp384r1Sha384});
  EXPECT_EQ((*load(test::kEd25519Certificate, test::kEd25519Key))->schemes, std::vector{kEd25519});
  EXPECT_EQ((*load(test::kRsaCertificate, test::kRsaKey))->schemes,
            (std::vector{kRsaPssRsaeSha256, kRsaPssRsaeSha384, kRsaPssRsaeSha512}));
}

TEST(Credential, HoldsTheWholeCertificateMessage) {
  const auto credential = load(test::kP256Certificate, test::kP256Key);
  ASSERT_TRUE(credential);
  const Bytes message = (*credential)->plain.certificate;
  EXPECT_EQ(message[0], std::to_underlying(HandshakeType::kCertificate));
  const auto read = parse_certificate(message.subspan(kHandshakeHeaderSize), false);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->chain.size(), 1U);
}

TEST(Credential, NeedsTheKeyOfItsCertificate) {
  const auto credential = load(test::kP256Certificate, test::kP384Key);
  ASSERT_FALSE(credential);
  EXPECT_FALSE(credential.error().empty());
  EXPECT_FALSE(load(test::kP256Key, test::kP256Key));
  EXPECT_FALSE(load(test::kP256Certificate, test::kP256Certificate));
}

}  // namespace
}  // namespace heliograph::tls
