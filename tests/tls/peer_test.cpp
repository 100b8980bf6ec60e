// Why certificates are not believed, from the chain to the alert.
#include "tls/peer.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/authority.hpp"
#include "tests/tls/pair.hpp"

namespace heliograph::tls {
namespace {

using crypto::Issued;
using crypto::Wish;

class Peers : public testing::Test {
 protected:
  // The credential of `leaf`, with the certificates behind it.
  static std::shared_ptr<const Credential> credential(const Issued& leaf,
                                                      const std::string& behind = {}) {
    return test::credential(leaf.pem() + behind, leaf.key_pem());
  }

  // What the client says to a server with this credential.
  std::optional<Error> error_of_server(std::shared_ptr<const Credential> presented,
                                       std::string_view name = "server.test",
                                       std::int64_t now = crypto::kNow) {
    ServerConfig server = test::default_config();
    server.credentials = {std::move(presented)};
    const ClientConfig client(
        std::make_shared<ChainVerifier>(crypto::TrustStore::from_pem(as_bytes(ca_.pem())).value(),
                                        crypto::Purpose::kServerAuthentication));
    test::Pair pair(client, server, nullptr, now * 1000, ServerName::parse(name).value());
    pair.run();
    if (pair.client_end.error) {
      EXPECT_EQ(pair.server.peer_alert(), alert_for(*pair.client_end.error));
    }
    return pair.client_end.error;
  }

  Issued issued(const Wish& wish) { return issue(wish, ca_); }

  Issued ca_ = issue_self_signed(crypto::authority("the authority"));
  Wish wish_ = crypto::server("DNS:server.test");
};

TEST_F(Peers, AreBelievedByTheirAuthorityTheirNameAndTheTime) {
  const auto good = credential(issued(wish_));
  EXPECT_EQ(error_of_server(good), std::nullopt);
  EXPECT_EQ(error_of_server(good, "other.test"), Error::kCertificateWrongName);
  EXPECT_EQ(error_of_server(good, "server.test", crypto::kNow - 2 * crypto::kDay),
            Error::kCertificateNotYetValid);
  EXPECT_EQ(error_of_server(good, "server.test", crypto::kNow + 2 * crypto::kDay),
            Error::kCertificateExpired);
}

TEST_F(Peers, OfAStrangeAuthorityAreNotBelieved) {
  const Issued stranger = issue_self_signed(crypto::authority("another authority"));
  EXPECT_EQ(error_of_server(credential(issue(wish_, stranger))), Error::kCertificateUnknownIssuer);
  // One of the same name.
  const Issued impostor = issue_self_signed(crypto::authority("the authority"));
  const auto error = error_of_server(credential(issue(wish_, impostor)));
  EXPECT_TRUE(error == Error::kCertificateUnknownIssuer || error == Error::kCertificateInvalid);
}

TEST_F(Peers, AreOfTheirPurpose) {
  Wish client = crypto::client("a client");
  client.extensions.emplace_back("subjectAltName", "DNS:server.test");
  EXPECT_EQ(error_of_server(credential(issued(client))), Error::kCertificateWrongPurpose);
}

TEST_F(Peers, MaySignWithTheirKey) {
  Wish wish = wish_;
  for (auto& [name, value] : wish.extensions) {
    if (name == "keyUsage") value = "critical,keyAgreement";
  }
  EXPECT_EQ(error_of_server(credential(issued(wish))), Error::kCertificateKeyUsage);
}

TEST_F(Peers, WithAWeakSignatureAreNotBelieved) {
  Wish wish = wish_;
  wish.digest = "SHA1";
  EXPECT_EQ(error_of_server(credential(issued(wish))), Error::kCertificateInvalid);
}

TEST_F(Peers, WithAnUnknownCriticalExtensionAreRefused) {
  Wish wish = wish_;
  wish.extensions.emplace_back("1.2.3.4", "critical,DER:0500");
  EXPECT_EQ(error_of_server(credential(issued(wish))), Error::kCertificateRefused);
}

TEST_F(Peers, ThatAreClientsAreBelievedLikewise) {
  ServerConfig server = test::default_config();
  server.client_certificates = ClientCertificates::kRequired;
  server.verifier =
      std::make_shared<ChainVerifier>(crypto::TrustStore::from_pem(as_bytes(ca_.pem())).value(),
                                      crypto::Purpose::kClientAuthentication);
  const auto error_of_client = [&](const Wish& wish) {
    ClientConfig client = test::default_client_config();
    client.credentials = {credential(issued(wish))};
    test::Pair pair(client, server, nullptr, crypto::kNow * 1000);
    pair.run();
    return pair.server_end.error;
  };
  EXPECT_EQ(error_of_client(crypto::client("a client")), std::nullopt);
  EXPECT_EQ(error_of_client(wish_), Error::kCertificateWrongPurpose);
}

}  // namespace
}  // namespace heliograph::tls
