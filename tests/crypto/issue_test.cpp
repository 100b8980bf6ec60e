#include "crypto/issue.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "crypto/certificate.hpp"
#include "crypto/trust_store.hpp"
#include "tests/crypto/authority.hpp"
#include "tests/crypto/fixtures.hpp"
#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Names = std::vector<std::string>;

KeyPair load(const NewCertificate& made) {
  return load_key_pair(as_bytes(made.certificate_pem), made.private_key_pem).value();
}

PeerCertificate peer(const KeyPair& pair) {
  const auto& chain = pair.chain.certificates();
  return PeerCertificate::from_der(std::vector<Bytes>(chain.begin(), chain.end())).value();
}

bool contains(const KeyPair& pair, std::string_view hex) {
  const auto part = from_hex(hex);
  return !std::ranges::search(pair.chain.certificates()[0], part).empty();
}

std::string error_of(const Result<NewCertificate, std::string>& made) {
  return made ? "no error" : made.error();
}

class IssueTest : public testing::Test {
 protected:
  [[nodiscard]] KeyPair server_for(const Names& names) const {
    return load(issue_server(ca_, names, kNow, 30).value());
  }
  [[nodiscard]] KeyPair client_for(const std::string& user) const {
    return load(issue_client(ca_, user, kNow, 30).value());
  }
  [[nodiscard]] std::string_view outcome(const KeyPair& pair, Purpose purpose,
                                         std::optional<std::string_view> name) const {
    const auto result = trust_.verify(peer(pair), purpose, name, kNow);
    return result ? "trusted" : describe(result.error());
  }

  NewCertificate made_ = make_ca("our CA", kNow, 60).value();
  KeyPair ca_ = load(made_);
  TrustStore trust_ = TrustStore::from_pem(as_bytes(made_.certificate_pem)).value();
};

TEST_F(IssueTest, ServersAreTrustedByTheirNames) {
  const KeyPair pair = server_for({"a.example", "192.0.2.1", "*.b.example"});
  for (const char* name : {"a.example", "192.0.2.1", "x.b.example"}) {
    EXPECT_EQ(outcome(pair, Purpose::kServerAuthentication, name), "trusted") << name;
  }
  EXPECT_EQ(outcome(pair, Purpose::kServerAuthentication, "c.example"),
            describe(TrustError::kWrongName));
  EXPECT_EQ(outcome(pair, Purpose::kClientAuthentication, std::nullopt),
            describe(TrustError::kWrongPurpose));
}

TEST_F(IssueTest, ClientsAreTrustedAndNamed) {
  const KeyPair pair = client_for("anna");
  EXPECT_EQ(outcome(pair, Purpose::kClientAuthentication, std::nullopt), "trusted");
  EXPECT_EQ(outcome(pair, Purpose::kServerAuthentication, std::nullopt),
            describe(TrustError::kWrongPurpose));
  const Identity identity = peer(pair).identity();
  EXPECT_EQ(identity.subject, "CN=anna");
  EXPECT_THAT(identity.uris, ElementsAre("heliograph:user:anna"));
  EXPECT_THAT(identity.email_addresses, IsEmpty());
  EXPECT_THAT(identity.dns_names, IsEmpty());
}

TEST_F(IssueTest, NamesOfUsersBecomeAddressesOrUris) {
  const Identity mail = peer(client_for("anna@example.org")).identity();
  EXPECT_THAT(mail.email_addresses, ElementsAre("anna@example.org"));
  EXPECT_THAT(mail.uris, IsEmpty());
  EXPECT_THAT(peer(client_for("a b/%:\xc3\xa9-._~")).identity().uris,
              ElementsAre("heliograph:user:a%20b%2F%25%3A%C3%A9-._~"));
  // Not of the ASCII that an rfc822Name has.
  const Identity other = peer(client_for("\xc3\xa9@example.org")).identity();
  EXPECT_THAT(other.email_addresses, IsEmpty());
  EXPECT_THAT(other.uris, ElementsAre("heliograph:user:%C3%A9%40example.org"));
}

// The extensions in DER: basicConstraints critical with CA:TRUE and a path length of 0, keyUsage
// critical with keyCertSign and cRLSign; and version 3.
TEST_F(IssueTest, AuthorityMayIssueAndNothingElse) {
  EXPECT_TRUE(contains(ca_, "0603551d130101ff040830060101ff020100"));
  EXPECT_TRUE(contains(ca_, "0603551d0f0101ff040403020106"));
  EXPECT_TRUE(contains(ca_, "a003020102"));
}

// basicConstraints critical and empty, keyUsage critical with digitalSignature, extKeyUsage.
TEST_F(IssueTest, ServersAndClientsMayNotIssue) {
  for (const KeyPair& pair : {server_for({"a.example"}), client_for("anna")}) {
    EXPECT_TRUE(contains(pair, "0603551d130101ff04023000"));
    EXPECT_TRUE(contains(pair, "0603551d0f0101ff040403020780"));
    EXPECT_EQ(error_of(issue_client(pair, "ben", kNow, 1)),
              "the authority's certificate may not issue others: make one with 'heliograph cert "
              "ca'");
  }
  EXPECT_TRUE(contains(server_for({"a.example"}), "0603551d25040c300a06082b06010505070301"));
  EXPECT_TRUE(contains(client_for("anna"), "0603551d25040c300a06082b06010505070302"));
}

// subjectKeyIdentifier is an OCTET STRING of 20 bytes; authorityKeyIdentifier repeats the issuer's
// in its field [0].
TEST_F(IssueTest, KeyIdentifiersLeadToTheIssuer) {
  const auto& ca = ca_.chain.certificates()[0];
  const auto label = from_hex("0603551d0e04160414");
  const auto found = std::ranges::search(ca, label);
  ASSERT_EQ(found.size(), label.size());
  const std::string identifier = hex_encode(Bytes(found.end(), 20));
  EXPECT_TRUE(contains(ca_, "0603551d23041830168014" + identifier));
  const KeyPair pair = server_for({"a.example"});
  EXPECT_TRUE(contains(pair, "0603551d23041830168014" + identifier));
  EXPECT_TRUE(contains(pair, "0603551d0e04160414"));
  EXPECT_FALSE(contains(pair, "0603551d0e04160414" + identifier));
}

TEST_F(IssueTest, ValidityEndsWithThatOfTheAuthority) {
  const KeyPair pair = load(issue_server(ca_, Names{"a"}, kNow, 60).value());
  EXPECT_EQ(pair.chain.not_before(), kNow - 3600);
  EXPECT_EQ(pair.chain.not_after(), kNow + 60 * kDay);
  const KeyPair longer = load(issue_server(ca_, Names{"a"}, kNow, 61).value());
  EXPECT_EQ(longer.chain.not_after(), kNow + 60 * kDay);
  EXPECT_EQ(error_of(issue_server(ca_, Names{"a"}, kNow + 60 * kDay, 1)),
            "the authority's certificate has expired: make a new one with 'heliograph cert ca'");
}

TEST_F(IssueTest, MayBeValidForOneDayToTenYears) {
  for (const int days : {0, 3651, -1}) {
    EXPECT_EQ(error_of(make_ca("x", kNow, days)), "days must be 1 to 3650");
    EXPECT_EQ(error_of(issue_server(ca_, Names{"a"}, kNow, days)), "days must be 1 to 3650");
    EXPECT_EQ(error_of(issue_client(ca_, "a", kNow, days)), "days must be 1 to 3650");
  }
  EXPECT_EQ(error_of(make_ca("x", kNow, 3650)), "no error");
}

TEST_F(IssueTest, CommonNameMayHave64CharactersAndNoMore) {
  std::string name;
  for (int i = 0; i < 64; ++i) name += "\xc3\xa9";
  EXPECT_EQ(error_of(issue_client(ca_, name, kNow, 1)), "no error");
  for (const std::string& wrong :
       {name + "a", std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string("\xff"),
        std::string("\x7f")}) {
    EXPECT_EQ(error_of(issue_client(ca_, wrong, kNow, 1)),
              "'" + wrong +
                  "' cannot be the subject of a certificate: give 1 to 64 characters of UTF-8 "
                  "without control characters");
    EXPECT_NE(error_of(make_ca(wrong, kNow, 1)), "no error");
  }
}

TEST_F(IssueTest, ServersMayHaveLongNames) {
  const std::string name = std::string(100, 'a') + ".example";
  const KeyPair pair = server_for({name});
  EXPECT_EQ(peer(pair).identity().subject, "CN=heliograph server");
  EXPECT_THAT(peer(pair).identity().dns_names, ElementsAre(name));
  EXPECT_EQ(peer(server_for({"a.example"})).identity().subject, "CN=a.example");
}

TEST_F(IssueTest, ServersNeedNames) {
  EXPECT_EQ(error_of(issue_server(ca_, {}, kNow, 1)), "a certificate needs at least one name");
  EXPECT_EQ(error_of(issue_server(ca_, Names{"a", "b c"}, kNow, 1)),
            "'b c' is neither a DNS name nor an IP address");
}

TEST_F(IssueTest, TheNameOfTheAuthorityIsTaken) {
  EXPECT_EQ(error_of(issue_client(ca_, "our CA", kNow, 1)),
            "'our CA' is the authority's own name: choose another");
}

TEST_F(IssueTest, ChainLeadsToTheRootWithoutIt) {
  EXPECT_EQ(server_for({"a"}).chain.certificates().size(), 1U);
  const Issued root = issue_self_signed(authority("root"));
  const Issued lower = issue(authority("lower"), root);
  const auto ca =
      load_key_pair(as_bytes(lower.pem() + root.pem()), as_bytes(lower.key_pem())).value();
  const KeyPair pair = load(issue_server(ca, Names{"a"}, kNow, 1).value());
  ASSERT_EQ(pair.chain.certificates().size(), 2U);
  EXPECT_EQ(pair.chain.certificates()[1], lower.der);
  EXPECT_TRUE(TrustStore::from_pem(as_bytes(root.pem()))
                  ->verify(peer(pair), Purpose::kServerAuthentication, "a", kNow)
                  .has_value());
}

TEST_F(IssueTest, AuthoritiesOfOtherToolsMayHaveOtherKeys) {
  for (const char* kind : {"RSA-2048", "P-384", "Ed25519"}) {
    Wish wish = authority("other");
    wish.key = kind;
    wish.digest = std::string_view(kind) == "Ed25519" ? "" : "SHA256";
    const Issued root = issue_self_signed(wish);
    const auto ca = load_key_pair(as_bytes(root.pem()), as_bytes(root.key_pem())).value();
    const KeyPair pair = load(issue_client(ca, "anna", kNow, 1).value());
    EXPECT_TRUE(TrustStore::from_pem(as_bytes(root.pem()))
                    ->verify(peer(pair), Purpose::kClientAuthentication, std::nullopt, kNow)
                    .has_value())
        << kind;
  }
}

}  // namespace
}  // namespace heliograph::crypto
