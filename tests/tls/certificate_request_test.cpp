#include "tls/certificate_request.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_server.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::code_points;
using test::Extension;
using test::joined;
using test::octets;
using test::Octets;
using enum ExtensionType;

Result<CertificateRequest, Error> parse(std::initializer_list<Extension> extensions) {
  const std::vector<Extension> list(extensions);
  static Octets body;
  body = joined({{0}, test::extension_block(list)});
  return parse_certificate_request(body);
}

const Extension kSchemes{kSignatureAlgorithms, code_points({0x0403, 0x0807})};

TEST(CertificateRequest, IsReadAsWritten) {
  const std::vector<Octets> authorities = {{0x30, 0}, {0x30, 2, 5, 0}};
  for (const bool compressed : {false, true}) {
    Buffer out;
    write_certificate_request(std::array<std::uint16_t, 2>{0x0403, 0x0807}, authorities, compressed,
                              out);
    EXPECT_EQ(out.bytes()[0], 13);
    const Bytes body = out.bytes().subspan(kHandshakeHeaderSize);
    const auto read = parse_certificate_request(body);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->signature_algorithms.size(), 2U);
    EXPECT_TRUE(read->signature_algorithms.contains(0x0807));
    ASSERT_EQ(read->certificate_authorities.size(), 2U);
    EXPECT_EQ(octets(read->certificate_authorities[1]), authorities[1]);
    EXPECT_EQ(read->takes_compressed_certificate, compressed);
    EXPECT_FALSE(read->asks_for_status);
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_FALSE(parse_certificate_request(body.first(size))) << size;
    }
  }
}

TEST(CertificateRequest, NamesNobodyIfAnyAuthorityWillDo) {
  Buffer out;
  write_certificate_request(std::array<std::uint16_t, 1>{0x0403}, {}, false, out);
  const auto read = parse_certificate_request(out.bytes().subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->certificate_authorities.empty());
}

TEST(CertificateRequest, MustSayWhatMaySign) {
  EXPECT_TRUE(parse({kSchemes}));
  EXPECT_EQ(parse({}).error(), Error::kMissingSignatureAlgorithms);
  EXPECT_EQ(parse({{kSignatureAlgorithms, {0, 0}}}).error(), Error::kMalformedExtension);
  EXPECT_EQ(parse({{kSignatureAlgorithms, {0, 1, 4}}}).error(), Error::kMalformedExtension);
}

TEST(CertificateRequest, HasNoContextInAHandshake) {
  const Octets body = joined({{1, 7}, test::extension_block(std::array{kSchemes})});
  EXPECT_EQ(parse_certificate_request(body).error(), Error::kMalformedCertificateRequest);
}

TEST(CertificateRequest, MayAskForMoreAndForWhatIsUnknown) {
  const auto request = parse({kSchemes,
                              {kStatusRequest, {}},
                              {kOidFilters, {0, 0}},
                              {static_cast<ExtensionType>(0xff01), {}}});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->asks_for_status);
  const auto other = parse({kSchemes, {kCompressCertificate, code_points({2, 3}, 1)}});
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->takes_compressed_certificate);
}

TEST(CertificateRequest, ObeysTheTableOfExtensions) {
  EXPECT_EQ(parse({kSchemes, kSchemes}).error(), Error::kDuplicateExtension);
  EXPECT_EQ(parse({kSchemes, {kKeyShare, {}}}).error(), Error::kMisplacedExtension);
  EXPECT_EQ(parse({kSchemes, {kCertificateAuthorities, {0, 0}}}).error(),
            Error::kMalformedExtension);
  EXPECT_EQ(parse({kSchemes, {kCompressCertificate, {0}}}).error(), Error::kMalformedExtension);
}

}  // namespace
}  // namespace heliograph::tls
