#include "signal/certificate_user.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;

crypto::Identity identity(std::vector<std::string> emails, std::vector<std::string> uris) {
  return {.subject = "CN=mallory",
          .dns_names = {"host.example.org"},
          .ip_addresses = {"192.0.2.1"},
          .email_addresses = std::move(emails),
          .uris = std::move(uris)};
}

TEST(CertificateUser, IsTheAddressOrTheNameInTheUri) {
  EXPECT_THAT(certificate_users(identity({"alice@example.org"},
                                         {"heliograph:user:alice", "https://example.org/bob",
                                          "heliograph:user:b%C3%B6b%20%25"})),
              ElementsAre("alice@example.org", "alice",
                          "b\xc3\xb6"
                          "b %"));
}

TEST(CertificateUser, WithBrokenPercentEncodingIsNone) {
  EXPECT_THAT(certificate_users(identity({}, {"heliograph:user:a%", "heliograph:user:a%4",
                                              "heliograph:user:a%zz", "heliograph:user:%41"})),
              ElementsAre("A"));
}

TEST(CertificateUser, IsTheOnlyOneOrThatWhichIsAskedFor) {
  const auto one = identity({}, {"heliograph:user:alice"});
  EXPECT_EQ(certificate_user(one, ""), "alice");
  EXPECT_EQ(certificate_user(one, "alice"), "alice");
  EXPECT_EQ(certificate_user(one, "bob"), std::nullopt);
  const auto two = identity({}, {"heliograph:user:alice", "heliograph:user:bob"});
  EXPECT_EQ(certificate_user(two, ""), std::nullopt);
  EXPECT_EQ(certificate_user(two, "bob"), "bob");
}

TEST(CertificateUser, IsNeverTheSubjectOrAHost) {
  const auto none = identity({}, {});
  EXPECT_EQ(certificate_user(none, ""), std::nullopt);
  EXPECT_EQ(certificate_user(none, "mallory"), std::nullopt);
  EXPECT_EQ(certificate_user(none, "host.example.org"), std::nullopt);
}

}  // namespace
}  // namespace heliograph::signal
