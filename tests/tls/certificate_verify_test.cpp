#include "tls/certificate_verify.hpp"

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

TEST(CertificateVerify, SignsTheContentOfRfc8448) {
  const Octets wanted = test::from_hex(test::simple::kSignedContent);
  const Bytes transcript_hash = Bytes(wanted).last(32);
  EXPECT_EQ(octets(signature_content(Role::kServer, transcript_hash).bytes()), wanted);
}

TEST(CertificateVerify, OfRfc8448IsReadAndWrittenToTheByte) {
  const Octets message = test::from_hex(test::simple::kCertificateVerify);
  const auto verify = parse_certificate_verify(Bytes(message).subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(verify);
  EXPECT_EQ(verify->algorithm, SignatureScheme::kRsaPssRsaeSha256);
  EXPECT_EQ(verify->signature.size(), 128U);
  Buffer out;
  write_certificate_verify(*verify, out);
  EXPECT_EQ(octets(out.bytes()), message);
}

TEST(CertificateVerify, CutAnywhereCannotBeDecoded) {
  const Octets message = test::from_hex(test::simple::kCertificateVerify);
  const Bytes body = Bytes(message).subspan(kHandshakeHeaderSize);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(parse_certificate_verify(body.first(size)).error(),
              Error::kMalformedCertificateVerify);
  }
}

}  // namespace
}  // namespace heliograph::tls
