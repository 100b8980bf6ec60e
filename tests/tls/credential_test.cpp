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

// With these names, which are all that matters here.
Credential named(std::vector<std::string> names) {
  auto key = crypto::PrivateKey::from_pem(as_bytes(test::kEd25519Key));
  return {.plain = {},
          .stapled = {},
          .key = std::move(*key),
          .schemes = {},
          .dns_names = std::move(names),
          .issuers = {}};
}

TEST(Credential, CoversItsNamesInAnyCase) {
  const Credential credential = named({"example.com", "a.example.com"});
  for (const std::string_view host : {"example.com", "EXAMPLE.com", "a.Example.Com"}) {
    EXPECT_TRUE(credential.covers_exactly(host)) << host;
    EXPECT_TRUE(credential.covers(host)) << host;
  }
  for (const std::string_view host : {"", "com", "b.example.com", "example.com.", "xexample.com"}) {
    EXPECT_FALSE(credential.covers(host)) << host;
  }
}

TEST(Credential, CoversOneLabelByAWildcard) {
  const Credential credential = named({"*.example.com"});
  for (const std::string_view host : {"a.example.com", "A.EXAMPLE.COM", "*.example.com"}) {
    EXPECT_TRUE(credential.covers(host)) << host;
  }
  EXPECT_FALSE(credential.covers_exactly("a.example.com"));
  for (const std::string_view host :
       {"example.com", ".example.com", "b.a.example.com", "a.example.org", "aexample.com", ""}) {
    EXPECT_FALSE(credential.covers(host)) << host;
  }
}

TEST(Credential, TakesAWildcardOnlyForAWholeFirstLabel) {
  for (const std::string_view name : {"a*.example.com", "*a.example.com", "a.*.example.com", "*"}) {
    const Credential credential = named({std::string(name)});
    EXPECT_FALSE(credential.covers("ab.example.com")) << name;
    EXPECT_FALSE(credential.covers("a.b.example.com")) << name;
    EXPECT_FALSE(credential.covers("com")) << name;
  }
}

TEST(Credential, PresentsWhatThePeerAskedFor) {
  const std::vector<std::uint8_t> response(500, 0x30);
  const auto stapled =
      load_credential(as_bytes(test::kP256Certificate), as_bytes(test::kP256Key), {}, response);
  ASSERT_TRUE(stapled);
  const Credential& with = **stapled;
  EXPECT_TRUE(with.has_status());
  const auto type_of = [&with](bool status, bool compressed) {
    return with.certificate_message(status, compressed)[0];
  };
  EXPECT_EQ(type_of(false, false), std::to_underlying(HandshakeType::kCertificate));
  EXPECT_EQ(type_of(false, true), std::to_underlying(HandshakeType::kCompressedCertificate));
  EXPECT_EQ(type_of(true, true), std::to_underlying(HandshakeType::kCompressedCertificate));
  EXPECT_EQ(with.certificate_message(true, false).size(),
            with.certificate_message(false, false).size() + 4 + 4 + response.size());

  const auto credential = load(test::kP256Certificate, test::kP256Key);
  EXPECT_FALSE((*credential)->has_status());
  EXPECT_TRUE(equal((*credential)->certificate_message(true, false),
                    (*credential)->certificate_message(false, false)));
}

}  // namespace
}  // namespace heliograph::tls
