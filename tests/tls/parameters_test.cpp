#include "tls/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::tls {
namespace {

TEST(Parameters, HaveTheNamesOfTheStandard) {
  EXPECT_EQ(name(CipherSuite::kAes128GcmSha256), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(name(CipherSuite::kAes256GcmSha384), "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(name(CipherSuite::kChaCha20Poly1305Sha256), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(name(NamedGroup::kX25519), "x25519");
  EXPECT_EQ(name(NamedGroup::kSecp256r1), "secp256r1");
  EXPECT_EQ(name(NamedGroup::kSecp384r1), "secp384r1");
  std::vector<std::string_view> schemes;
  for (const SignatureScheme scheme : kAllSignatureSchemes) schemes.push_back(name(scheme));
  EXPECT_THAT(schemes, testing::ElementsAre("ecdsa_secp256r1_sha256", "ed25519",
                                            "ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha256",
                                            "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"));
}

TEST(Parameters, ThatAreUnknownHaveNoName) {
  EXPECT_EQ(name(static_cast<CipherSuite>(0)), "unknown");
  EXPECT_EQ(name(static_cast<NamedGroup>(0)), "unknown");
  EXPECT_EQ(name(static_cast<SignatureScheme>(0)), "unknown");
}

TEST(Parameters, OfferSchemesForCertificatesBehindThoseForHandshakes) {
  EXPECT_THAT(offered_schemes(std::array{SignatureScheme::kEd25519}),
              testing::ElementsAre(0x0807, 0x0401, 0x0501, 0x0601));
}

}  // namespace
}  // namespace heliograph::tls
