// Mutual authentication (RFC 9846 sections 4.4.2 and 4.5).

#include <gtest/gtest.h>

#include "tests/tls/pair.hpp"
#include "tls/client.hpp"
#include "tls/server.hpp"

namespace heliograph::tls {
namespace {

using test::FixedVerifier;
using test::Octets;
using test::Pair;

ServerConfig asking(ClientCertificates policy, std::optional<Error> refusal = std::nullopt) {
  ServerConfig config = test::default_config();
  config.client_certificates = policy;
  config.verifier = std::make_shared<FixedVerifier>(refusal);
  return config;
}

ClientConfig client_with(std::string_view certificate, std::string_view key) {
  ClientConfig config = test::default_client_config();
  config.credentials = {test::credential(certificate, key)};
  return config;
}

TEST(ClientCertificate, OfEveryKindOfKeyIsTaken) {
  const std::pair<std::string_view, std::string_view> credentials[] = {
      {test::kP256Certificate, test::kP256Key},
      {test::kP384Certificate, test::kP384Key},
      {test::kEd25519Certificate, test::kEd25519Key},
      {test::kRsaCertificate, test::kRsaKey}};
  for (const auto& [certificate, key] : credentials) {
    for (const bool compress : {false, true}) {
      ServerConfig server = asking(ClientCertificates::kRequired);
      server.compress_certificates = compress;
      Pair pair(client_with(certificate, key), server);
      ASSERT_TRUE(pair.run(compress ? 1 : 1U << 20));
      const auto& peer = pair.server.negotiated().peer;
      ASSERT_NE(peer, nullptr);
      EXPECT_TRUE(peer->authorized());
      EXPECT_EQ(peer->identity.dns_names.at(0), "server.test");
      EXPECT_EQ(pair.server.negotiated().peer_signature_scheme,
                pair.client.negotiated().signature_scheme);
    }
  }
}

TEST(ClientCertificate, IsNotSentUnlessAskedFor) {
  Pair pair(client_with(test::kP256Certificate, test::kP256Key));
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.server.negotiated().peer, nullptr);
  EXPECT_EQ(pair.client.negotiated().signature_scheme, std::nullopt);
}

TEST(ClientCertificate, MayBeMissingUnlessRequired) {
  for (const auto policy : {ClientCertificates::kReported, ClientCertificates::kOptional}) {
    Pair pair(test::default_client_config(), asking(policy));
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.server.negotiated().peer, nullptr);
  }
  Pair pair(test::default_client_config(), asking(ClientCertificates::kRequired));
  pair.run();
  EXPECT_EQ(pair.server_end.error, Error::kCertificateRequired);
  EXPECT_EQ(pair.client.peer_alert(), AlertDescription::kCertificateRequired);
}

TEST(ClientCertificate, ThatIsNotBelievedFailsUnlessReported) {
  const ClientConfig client = client_with(test::kP256Certificate, test::kP256Key);
  for (const auto policy : {ClientCertificates::kOptional, ClientCertificates::kRequired}) {
    Pair pair(client, asking(policy, Error::kCertificateUnknownIssuer));
    pair.run();
    EXPECT_EQ(pair.server_end.error, Error::kCertificateUnknownIssuer);
    EXPECT_EQ(pair.client.peer_alert(), AlertDescription::kUnknownCa);
  }
  Pair pair(client, asking(ClientCertificates::kReported, Error::kCertificateUnknownIssuer));
  ASSERT_TRUE(pair.run());
  const auto& peer = pair.server.negotiated().peer;
  ASSERT_NE(peer, nullptr);
  EXPECT_FALSE(peer->authorized());
  EXPECT_EQ(peer->refusal, Error::kCertificateUnknownIssuer);
}

TEST(ClientCertificate, IsChosenByWhatTheServerNamesAndTakes) {
  ClientConfig client = client_with(test::kRsaCertificate, test::kRsaKey);
  client.credentials.push_back(test::credential(test::kP256Certificate, test::kP256Key));

  ServerConfig no_rsa = asking(ClientCertificates::kRequired);
  no_rsa.signature_schemes = {SignatureScheme::kEcdsaSecp256r1Sha256};
  Pair by_scheme(client, no_rsa);
  ASSERT_TRUE(by_scheme.run());
  EXPECT_EQ(by_scheme.server.negotiated().peer_signature_scheme,
            SignatureScheme::kEcdsaSecp256r1Sha256);

  ServerConfig strangers = asking(ClientCertificates::kOptional);
  strangers.certificate_authorities = {{0x30, 0x00}};
  Pair by_issuer(client, strangers);
  ASSERT_TRUE(by_issuer.run());
  EXPECT_EQ(by_issuer.server.negotiated().peer, nullptr);

  ServerConfig ours = asking(ClientCertificates::kRequired);
  ours.certificate_authorities = {{0x30, 0x00}, client.credentials[1]->issuers.at(0)};
  Pair by_name(client, ours);
  ASSERT_TRUE(by_name.run());
  EXPECT_NE(by_name.server.negotiated().peer, nullptr);
}

TEST(ClientCertificate, OfAnotherPurposeIsRefusedByTheChainVerifier) {
  // The self-signed certificate of the tests has no extended key usage: fit for both purposes.
  ServerConfig server = asking(ClientCertificates::kRequired);
  server.verifier = std::make_shared<ChainVerifier>(
      crypto::TrustStore::from_pem(as_bytes(test::kP256Certificate)).value(),
      crypto::Purpose::kClientAuthentication);
  Pair known(client_with(test::kP256Certificate, test::kP256Key), server);
  EXPECT_TRUE(known.run());
  Pair unknown(client_with(test::kP384Certificate, test::kP384Key), server);
  EXPECT_FALSE(unknown.run());
  EXPECT_EQ(unknown.server_end.error, Error::kCertificateUnknownIssuer);
}

}  // namespace
}  // namespace heliograph::tls
