#include "crypto/trust_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "crypto/certificate.hpp"
#include "tests/crypto/authority.hpp"

namespace heliograph::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kTrusted = "trusted";

TrustStore store(const std::string& pem) {
  return TrustStore::from_pem(as_bytes(pem)).value();
}

// "trusted", or why not.
struct Check {
  const TrustStore& trust;
  std::vector<std::vector<std::uint8_t>> chain;
  Purpose purpose = Purpose::kServerAuthentication;
  std::optional<std::string_view> name = std::nullopt;
  std::int64_t now = kNow;

  [[nodiscard]] std::string_view outcome() const {
    const auto peer =
        PeerCertificate::from_der(std::vector<Bytes>(chain.begin(), chain.end())).value();
    const auto result = trust.verify(peer, purpose, name, now);
    return result ? kTrusted : describe(result.error());
  }
};

class TrustStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::string_view outcome(std::vector<std::vector<std::uint8_t>> chain) const {
    return Check{trust_, std::move(chain)}.outcome();
  }
  [[nodiscard]] std::string_view outcome_at(const Issued& leaf, std::int64_t now) const {
    return Check{.trust = trust_, .chain = {leaf.der}, .now = now}.outcome();
  }
  [[nodiscard]] std::string_view outcome_for(const Issued& leaf, Purpose purpose) const {
    return Check{.trust = trust_, .chain = {leaf.der}, .purpose = purpose}.outcome();
  }
  // Of a server with these alternative names, when `name` was asked for.
  [[nodiscard]] std::string_view match(const std::string& alternative_names,
                                       std::string_view name) const {
    return Check{
        .trust = trust_, .chain = {issue(server(alternative_names), root_).der}, .name = name}
        .outcome();
  }

  Issued root_ = issue_self_signed(authority("root"));
  TrustStore trust_ = store(root_.pem());
  Issued server_ = issue(server("DNS:a.example"), root_);
};

TEST_F(TrustStoreTest, TrustsWhatItsAuthorityIssued) {
  EXPECT_EQ(outcome({server_.der}), kTrusted);
  EXPECT_EQ(outcome({server_.der, root_.der}), kTrusted);
}

TEST_F(TrustStoreTest, StrangeIssuersAreUnknown) {
  const Issued stranger = issue_self_signed(authority("stranger"));
  const Issued namesake = issue_self_signed(authority("root"));
  const auto unknown = describe(TrustError::kUnknownIssuer);
  EXPECT_EQ(outcome({issue(server("DNS:a"), stranger).der}), unknown);
  EXPECT_EQ(outcome({issue(server("DNS:a"), stranger).der, stranger.der}), unknown);
  EXPECT_EQ(outcome({issue_self_signed(server("DNS:a")).der}), unknown);
  EXPECT_EQ(outcome({issue(server("DNS:a"), namesake).der}), describe(TrustError::kBadSignature));
}

// libcrypto counts the last second itself as over.
TEST_F(TrustStoreTest, IsValidFromTheFirstSecondToTheLastButOne) {
  EXPECT_EQ(outcome_at(server_, kNow - kDay - 1), describe(TrustError::kNotYetValid));
  EXPECT_EQ(outcome_at(server_, kNow - kDay), kTrusted);
  EXPECT_EQ(outcome_at(server_, kNow + kDay - 1), kTrusted);
  EXPECT_EQ(outcome_at(server_, kNow + kDay), describe(TrustError::kExpired));
}

TEST_F(TrustStoreTest, AnchorsExpireToo) {
  Wish wish = authority("root");
  wish.not_after = kNow - 1;
  const Issued expired = issue_self_signed(wish);
  const TrustStore trust = store(expired.pem());
  EXPECT_EQ((Check{trust, {issue(server("DNS:a"), expired).der}}.outcome()),
            describe(TrustError::kExpired));
}

TEST_F(TrustStoreTest, IntermediatesAreFoundInAnyOrder) {
  const Issued upper = issue(authority("upper"), root_);
  const Issued lower = issue(authority("lower"), upper);
  const Issued leaf = issue(server("DNS:a"), lower);
  EXPECT_EQ(outcome({leaf.der, lower.der, upper.der}), kTrusted);
  EXPECT_EQ(outcome({leaf.der, upper.der, lower.der}), kTrusted);
  EXPECT_EQ(outcome({leaf.der, server_.der, root_.der, upper.der, lower.der}), kTrusted);
  EXPECT_EQ(outcome({leaf.der, upper.der}), describe(TrustError::kUnknownIssuer));
  EXPECT_EQ(outcome({leaf.der, lower.der}), describe(TrustError::kUnknownIssuer));
}

TEST_F(TrustStoreTest, EightIntermediatesAreTheMost) {
  std::vector<Issued> authorities;
  authorities.push_back(issue(authority("0"), root_));
  for (int i = 1; i < 9; ++i) {
    authorities.push_back(issue(authority(std::to_string(i)), authorities.back()));
  }
  const auto chain_of = [&](std::size_t intermediates) {
    std::vector<std::vector<std::uint8_t>> chain = {
        issue(server("DNS:a"), authorities[intermediates - 1]).der};
    for (std::size_t i = intermediates; i-- > 0;) chain.push_back(authorities[i].der);
    return chain;
  };
  EXPECT_EQ(outcome(chain_of(8)), kTrusted);
  EXPECT_EQ(outcome(chain_of(9)), describe(TrustError::kChainTooLong));
}

TEST_F(TrustStoreTest, SixteenCertificatesAreTheMost) {
  std::vector<std::vector<std::uint8_t>> chain(16, server_.der);
  EXPECT_EQ(outcome(chain), kTrusted);
  chain.push_back(server_.der);
  EXPECT_EQ(outcome(chain), describe(TrustError::kChainTooLong));
}

TEST_F(TrustStoreTest, PathLengthOfAnIssuerCounts) {
  Wish wish = authority("short");
  wish.extensions[0].second = "critical,CA:TRUE,pathlen:0";
  const Issued upper = issue(wish, root_);
  const Issued lower = issue(authority("lower"), upper);
  EXPECT_EQ(outcome({issue(server("DNS:a"), upper).der, upper.der}), kTrusted);
  EXPECT_EQ(outcome({issue(server("DNS:a"), lower).der, lower.der, upper.der}),
            describe(TrustError::kChainTooLong));
}

TEST_F(TrustStoreTest, LeafsAreNoIssuers) {
  // Without a keyUsage, so that only basicConstraints can refuse.
  const Issued leaf = issue(
      {.common_name = "leaf", .extensions = {{"basicConstraints", "critical,CA:FALSE"}}}, root_);
  EXPECT_EQ(outcome({issue(server("DNS:a"), leaf).der, leaf.der}),
            describe(TrustError::kWrongPurpose));
  const Issued bare = issue({.common_name = "bare"}, root_);
  EXPECT_EQ(outcome({issue(server("DNS:a"), bare).der, bare.der}),
            describe(TrustError::kWrongPurpose));
  // An issuer whose keyUsage does not allow it is not even tried.
  EXPECT_NE(outcome({issue(server("DNS:a"), server_).der, server_.der}), kTrusted);
}

TEST_F(TrustStoreTest, PurposeMustFit) {
  const Issued anna = issue(client("anna"), root_);
  const Issued both = issue(
      {.common_name = "x", .extensions = {{"extendedKeyUsage", "serverAuth,clientAuth"}}}, root_);
  const Issued neither =
      issue({.common_name = "x", .extensions = {{"extendedKeyUsage", "codeSigning"}}}, root_);
  const Issued any = issue({.common_name = "x"}, root_);
  const auto wrong = describe(TrustError::kWrongPurpose);
  EXPECT_EQ(outcome_for(server_, Purpose::kServerAuthentication), kTrusted);
  EXPECT_EQ(outcome_for(server_, Purpose::kClientAuthentication), wrong);
  EXPECT_EQ(outcome_for(anna, Purpose::kServerAuthentication), wrong);
  EXPECT_EQ(outcome_for(anna, Purpose::kClientAuthentication), kTrusted);
  for (const Purpose purpose : {Purpose::kServerAuthentication, Purpose::kClientAuthentication}) {
    EXPECT_EQ(outcome_for(both, purpose), kTrusted);
    EXPECT_EQ(outcome_for(neither, purpose), wrong);
    EXPECT_EQ(outcome_for(any, purpose), kTrusted);
  }
}

TEST_F(TrustStoreTest, PurposeOfAnIssuerMustFit) {
  Wish wish = authority("clients only");
  wish.extensions.emplace_back("extendedKeyUsage", "clientAuth");
  const Issued issuer = issue(wish, root_);
  EXPECT_EQ(outcome({issue(server("DNS:a"), issuer).der, issuer.der}),
            describe(TrustError::kWrongPurpose));
}

TEST_F(TrustStoreTest, DnsNamesMatchWithoutCase) {
  EXPECT_EQ(match("DNS:a.example", "a.example"), kTrusted);
  EXPECT_EQ(match("DNS:A.example", "a.EXAMPLE"), kTrusted);
  EXPECT_EQ(match("DNS:a.example,DNS:b.example", "b.example"), kTrusted);
  EXPECT_EQ(match("DNS:a.example", "a.example."), kTrusted);
  const auto wrong = describe(TrustError::kWrongName);
  for (const std::string_view name :
       {"b.example", "a.example.org", "x.a.example", "example", ".example", ".", "", "a.exampl",
        "*.example", "a.example ", "a.example.."}) {
    EXPECT_EQ(match("DNS:a.example", name), wrong) << name;
  }
  EXPECT_EQ(match("DNS:a.example", std::string_view("a.example\0", 10)), wrong);
  EXPECT_EQ(match("DNS:a.example", std::string_view("a.example\0.b", 12)), wrong);
}

TEST_F(TrustStoreTest, WildcardIsTheWholeLeftmostLabel) {
  EXPECT_EQ(match("DNS:*.b.example", "a.b.example"), kTrusted);
  const auto wrong = describe(TrustError::kWrongName);
  EXPECT_EQ(match("DNS:*.b.example", "b.example"), wrong);
  EXPECT_EQ(match("DNS:*.b.example", "x.a.b.example"), wrong);
  EXPECT_EQ(match("DNS:*.example", "b.example"), wrong);
  for (const char* pattern : {"DNS:a*.b.example", "DNS:*a.b.example", "DNS:aa.*.example",
                              "DNS:*.*.example", "DNS:aa.b.*", "DNS:*", "DNS:aa.*"}) {
    EXPECT_EQ(match(pattern, "aa.b.example"), wrong) << pattern;
  }
}

TEST_F(TrustStoreTest, AddressesMatchAddressesOnly) {
  const auto wrong = describe(TrustError::kWrongName);
  EXPECT_EQ(match("IP:192.0.2.1", "192.0.2.1"), kTrusted);
  EXPECT_EQ(match("IP:2001:db8::1", "2001:DB8:0::1"), kTrusted);
  EXPECT_EQ(match("IP:192.0.2.1", "192.0.2.2"), wrong);
  EXPECT_EQ(match("IP:192.0.2.1", "::ffff:192.0.2.1"), wrong);
  EXPECT_EQ(match("DNS:192.0.2.1", "192.0.2.1"), wrong);
  EXPECT_EQ(match("DNS:192.0.2.1", "192.0.2.1."), wrong);
  EXPECT_EQ(match("IP:192.0.2.1", "a.example"), wrong);
}

TEST_F(TrustStoreTest, CommonNameIsNoName) {
  const auto wrong = describe(TrustError::kWrongName);
  const Issued leaf = issue({.common_name = "a.example"}, root_);
  EXPECT_EQ((Check{.trust = trust_, .chain = {leaf.der}, .name = "a.example"}.outcome()), wrong);
  const Issued address = issue({.common_name = "192.0.2.1"}, root_);
  EXPECT_EQ((Check{.trust = trust_, .chain = {address.der}, .name = "192.0.2.1"}.outcome()), wrong);
}

TEST_F(TrustStoreTest, ReasonOfTheChainComesBeforeThatOfTheName) {
  EXPECT_EQ((Check{.trust = trust_, .chain = {server_.der}, .name = "b", .now = kNow + 2 * kDay}
                 .outcome()),
            describe(TrustError::kExpired));
}

TEST_F(TrustStoreTest, WeakKeysOfIssuersAreRefused) {
  for (const char* kind : {"RSA-1024", "P-224"}) {
    Wish wish = authority("weak");
    wish.key = kind;
    const Issued weak = issue(wish, root_);
    EXPECT_EQ(outcome({issue(server("DNS:a"), weak).der, weak.der}), describe(TrustError::kWeakKey))
        << kind;
    const Issued weak_root = issue_self_signed(wish);
    EXPECT_EQ((Check{store(weak_root.pem()), {issue(server("DNS:a"), weak_root).der}}.outcome()),
              describe(TrustError::kWeakKey))
        << kind;
  }
  Wish wish = authority("strong");
  wish.key = "RSA-2048";
  const Issued strong = issue(wish, root_);
  EXPECT_EQ(outcome({issue(server("DNS:a"), strong).der, strong.der}), kTrusted);
}

TEST_F(TrustStoreTest, WeakSignaturesAreRefusedExceptOnAnchors) {
  for (const char* digest : {"SHA1", "SHA224"}) {
    Wish wish = server("DNS:a");
    wish.digest = digest;
    EXPECT_EQ(outcome({issue(wish, root_).der}), describe(TrustError::kWeakKey)) << digest;
  }
  Wish wish = authority("old root");
  wish.digest = "SHA1";
  const Issued old = issue_self_signed(wish);
  EXPECT_EQ((Check{store(old.pem()), {issue(server("DNS:a"), old).der}}.outcome()), kTrusted);
}

TEST_F(TrustStoreTest, EveryByteOfASignatureCounts) {
  const Issued upper = issue(authority("upper"), root_);
  const Issued leaf = issue(server("DNS:a"), upper);
  // The last byte is of the signature.
  auto changed = leaf.der;
  changed.back() ^= 1;
  EXPECT_EQ(outcome({changed, upper.der}), describe(TrustError::kBadSignature));
  changed = upper.der;
  changed.back() ^= 1;
  EXPECT_EQ(outcome({leaf.der, changed}), describe(TrustError::kBadSignature));
}

TEST_F(TrustStoreTest, WhatStandsBehindTheLeafMustBeDer) {
  auto longer = root_.der;
  longer.push_back(0);
  EXPECT_EQ(outcome({server_.der, longer}), describe(TrustError::kMalformed));
  EXPECT_EQ(outcome({server_.der, {}}), describe(TrustError::kMalformed));
}

TEST_F(TrustStoreTest, CriticalExtensionsMustBeKnownAndNameConstraintsKept) {
  Wish unknown = server("DNS:a");
  unknown.extensions.emplace_back("1.2.3.4", "critical,DER:0500");
  EXPECT_EQ(outcome({issue(unknown, root_).der}), describe(TrustError::kRefused));
  Wish constrained = authority("constrained");
  constrained.extensions.emplace_back("nameConstraints", "critical,permitted;DNS:b.example");
  const Issued issuer = issue(constrained, root_);
  EXPECT_EQ(outcome({issue(server("DNS:a.b.example"), issuer).der, issuer.der}), kTrusted);
  EXPECT_EQ(outcome({issue(server("DNS:a.c.example"), issuer).der, issuer.der}),
            describe(TrustError::kRefused));
}

TEST_F(TrustStoreTest, PinsALeafOrAnIntermediate) {
  const Issued self = issue_self_signed(server("DNS:a"));
  EXPECT_EQ((Check{.trust = store(self.pem()), .chain = {self.der}, .name = "a"}.outcome()),
            kTrusted);
  EXPECT_EQ((Check{store(server_.pem()), {server_.der}}.outcome()), kTrusted);
  const Issued upper = issue(authority("upper"), root_);
  const TrustStore pinned = store(upper.pem());
  EXPECT_EQ((Check{pinned, {issue(server("DNS:a"), upper).der}}.outcome()), kTrusted);
  EXPECT_EQ((Check{pinned, {server_.der, root_.der}}.outcome()),
            describe(TrustError::kUnknownIssuer));
  // Another certificate with the pinned one's name and key usage, but another key.
  const Issued namesake = issue_self_signed(server("DNS:a"));
  EXPECT_NE((Check{store(self.pem()), {namesake.der}}.outcome()), kTrusted);
}

TEST_F(TrustStoreTest, SubjectsAreNamesInDerOnceEach) {
  const Issued other = issue_self_signed(authority("other"));
  const Issued renewed = issue_self_signed(authority("root"));
  const TrustStore trust =
      store(root_.pem() + "text\n" + other.pem() + renewed.pem() + root_.pem());
  const auto chain = CertificateChain::from_pem(as_bytes(root_.pem() + other.pem())).value();
  EXPECT_THAT(trust.subjects(), ElementsAre(chain.issuers()[0], chain.issuers()[1]));
}

TEST_F(TrustStoreTest, CanBeMoved) {
  TrustStore moved = std::move(trust_);
  EXPECT_EQ((Check{moved, {server_.der}}.outcome()), kTrusted);
  trust_ = std::move(moved);
  EXPECT_EQ(outcome({server_.der}), kTrusted);
}

TEST_F(TrustStoreTest, ErrorsOfTheFileAreNamed) {
  const auto error_of = [](const std::string& pem) {
    return TrustStore::from_pem(as_bytes(pem)).error();
  };
  EXPECT_EQ(
      error_of(""),
      "the file has no CERTIFICATE block: certificates of authorities in PEM form are needed");
  EXPECT_EQ(error_of(root_.pem().substr(0, 100)), "a PEM block is damaged: copy the file again");
  Issued damaged = issue_self_signed(authority("root"));
  damaged.der.pop_back();
  EXPECT_EQ(error_of(root_.pem() + damaged.pem()),
            "certificate 2 of the file is damaged, or not in DER: copy it again");
}

class Environment {
 public:
  Environment() : folder_(testing::TempDir() + "heliograph-trust") {
    std::filesystem::create_directories(folder_ + "/empty");
  }
  ~Environment() {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
    std::filesystem::remove_all(folder_);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  void set(const char* file, const char* folder) const {
    ::setenv("SSL_CERT_FILE", (folder_ + "/" + file).c_str(), 1);
    ::setenv("SSL_CERT_DIR", (folder_ + "/" + folder).c_str(), 1);
  }
  [[nodiscard]] std::string path(const char* file) const { return folder_ + "/" + file; }

 private:
  std::string folder_;
};

TEST_F(TrustStoreTest, SystemIsWhatTheEnvironmentSays) {
  const Environment environment;
  std::ofstream(environment.path("ca.pem")) << root_.pem();
  environment.set("ca.pem", "missing");
  const TrustStore trust = TrustStore::system().value();
  EXPECT_EQ((Check{trust, {server_.der}}.outcome()), kTrusted);
  EXPECT_THAT(trust.subjects(), IsEmpty());

  environment.set("missing.pem", "empty");
  EXPECT_EQ((Check{TrustStore::system().value(), {server_.der}}.outcome()),
            describe(TrustError::kUnknownIssuer));
  environment.set("missing.pem", "missing");
  EXPECT_EQ(TrustStore::system().error(),
            "this host has no trusted authorities: install the package ca-certificates, or name a "
            "file of them in SSL_CERT_FILE");
}

TEST(TrustError, EveryOneIsDescribedInItsOwnWords) {
  std::set<std::string_view> lines;
  for (int i = 0; i <= static_cast<int>(TrustError::kRefused); ++i) {
    const auto line = describe(static_cast<TrustError>(i));
    EXPECT_FALSE(line.empty()) << i;
    EXPECT_TRUE(lines.insert(line).second) << i;
  }
}

}  // namespace
}  // namespace heliograph::crypto
