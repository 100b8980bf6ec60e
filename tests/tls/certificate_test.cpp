#include "tls/certificate.hpp"

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

TEST(Certificate, OfRfc8448IsReadAndWrittenToTheByte) {
  const Octets message = test::from_hex(test::simple::kCertificate);
  const auto read = parse_certificate(Bytes(message).subspan(kHandshakeHeaderSize), false);
  ASSERT_TRUE(read) << describe(read.error());
  ASSERT_EQ(read->chain.size(), 1U);
  Buffer out;
  const std::vector<Octets> same = {octets(read->chain.front())};
  write_certificate(same, {}, out);
  EXPECT_EQ(octets(out.bytes()), message);
}

TEST(Certificate, CarriesTheChainInOrder) {
  const std::vector<Octets> chain = {Octets(300, 1), Octets(70000, 2), Octets(1, 3)};
  Buffer out;
  write_certificate(chain, {}, out);
  const auto read = parse_certificate(out.bytes().subspan(kHandshakeHeaderSize), false);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->chain.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(equal(read->chain[i], chain[i]));
}

TEST(Certificate, HasNoContextAndNoEmptyEntries) {
  EXPECT_EQ(parse_certificate(Octets{1, 0, 0, 0, 6, 0, 0, 1, 9, 0, 0}, false).error(),
            Error::kMalformedCertificate);
  EXPECT_TRUE(parse_certificate(Octets{0, 0, 0, 0}, false)->chain.empty());
  EXPECT_EQ(parse_certificate(Octets{0, 0, 0, 5, 0, 0, 0, 0, 0}, false).error(),
            Error::kMalformedCertificate);
  EXPECT_TRUE(parse_certificate(Octets{0, 0, 0, 6, 0, 0, 1, 9, 0, 0}, false));
}

TEST(Certificate, CutAnywhereCannotBeDecoded) {
  const Octets message = test::from_hex(test::simple::kCertificate);
  const Bytes body = Bytes(message).subspan(kHandshakeHeaderSize);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(parse_certificate(body.first(size), false)) << size;
  }
}

TEST(Certificate, EntriesObeyTheTableOfExtensions) {
  // key_share (51) has no place in a Certificate message.
  EXPECT_EQ(parse_certificate(Octets{0, 0, 0, 10, 0, 0, 1, 9, 0, 4, 0, 51, 0, 0}, false).error(),
            Error::kMisplacedExtension);
}

TEST(Certificate, CarriesTheStapledResponseOfTheLeafOnly) {
  const std::vector<Octets> chain = {Octets(3, 1), Octets(4, 2)};
  const Octets response(200, 7);
  Buffer out;
  write_certificate(chain, response, out);
  const Bytes body = out.bytes().subspan(kHandshakeHeaderSize);
  const auto read = parse_certificate(body, true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->chain.size(), 2U);
  EXPECT_EQ(octets(read->ocsp_response), response);
  EXPECT_EQ(parse_certificate(body, false).error(), Error::kUnsolicitedExtension);
}

}  // namespace
}  // namespace heliograph::tls
