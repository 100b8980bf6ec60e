#include "tls/compressed_certificate.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"
#include "tls/certificate.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::joined;
using test::octets;
using test::Octets;

// The body of the message that zlib makes of this.
Octets compress(Bytes certificate) {
  Buffer out;
  EXPECT_TRUE(write_compressed_certificate(certificate, out));
  EXPECT_EQ(out.bytes()[0], 25);
  return octets(out.bytes().subspan(kHandshakeHeaderSize));
}

// The same with another declared length.
Octets declaring(Octets body, std::size_t size) {
  body[2] = static_cast<std::uint8_t>(size >> 16);
  body[3] = static_cast<std::uint8_t>(size >> 8);
  body[4] = static_cast<std::uint8_t>(size);
  return body;
}

TEST(CompressedCertificate, InflatesToWhatWasCompressed) {
  for (const std::size_t size : {std::size_t{100}, std::size_t{5000}, kMaxCertificate}) {
    const Octets certificate(size, 0x30);
    const Octets body = compress(certificate);
    EXPECT_LT(body.size(), 1000U);
    EXPECT_EQ(parse_compressed_certificate(body), certificate);
  }
}

TEST(CompressedCertificate, IsNotWrittenIfItWouldNotBeSmaller) {
  Octets incompressible(100);
  std::iota(incompressible.begin(), incompressible.end(), std::uint8_t{0});
  Buffer out;
  out.u8(7);
  EXPECT_FALSE(write_compressed_certificate(incompressible, out));
  EXPECT_EQ(octets(out.bytes()), Octets{7});
}

TEST(CompressedCertificate, NeverInflatesBeyondItsLimits) {
  // A thousandth of what it inflates to.
  const Octets bomb = compress(Octets(kMaxCertificate * 10));
  EXPECT_LT(bomb.size(), kMaxCertificate / 50);
  for (const std::size_t declared :
       {std::size_t{0}, std::size_t{1}, kMaxCertificate, kMaxCertificate + 1, kMaxCertificate * 10,
        std::size_t{0xffffff}}) {
    EXPECT_EQ(parse_compressed_certificate(declaring(bomb, declared)).error(),
              Error::kBadCompressedCertificate)
        << declared;
  }
}

TEST(CompressedCertificate, HasExactlyTheLengthThatItDeclares) {
  const Octets body = compress(Octets(1000));
  for (const std::size_t declared : {999U, 1001U, 2000U}) {
    EXPECT_EQ(parse_compressed_certificate(declaring(body, declared)).error(),
              Error::kBadCompressedCertificate);
  }
}

TEST(CompressedCertificate, MayNotBeDamagedOrHaveBytesBehindItsEnd) {
  const Octets body = compress(Octets(1000));
  Octets damaged = body;
  damaged.back() ^= 1;
  EXPECT_EQ(parse_compressed_certificate(damaged).error(), Error::kBadCompressedCertificate);
  Octets longer = joined({body, {0}});
  ++longer[7];
  EXPECT_EQ(parse_compressed_certificate(longer).error(), Error::kBadCompressedCertificate);
  Octets shorter = body;
  shorter.pop_back();
  --shorter[7];
  EXPECT_EQ(parse_compressed_certificate(shorter).error(), Error::kBadCompressedCertificate);
  EXPECT_EQ(parse_compressed_certificate(joined({body, {0}})).error(),
            Error::kMalformedCompressedCertificate);
}

TEST(CompressedCertificate, CutAnywhereCannotBeDecoded) {
  const Octets body = compress(Octets(1000));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(parse_compressed_certificate(Bytes(body).first(size)).error(),
              Error::kMalformedCompressedCertificate);
  }
  EXPECT_EQ(parse_compressed_certificate(Octets{0, 1, 0, 0, 1, 0, 0, 0}).error(),
            Error::kMalformedCompressedCertificate);
}

TEST(CompressedCertificate, IsCompressedByZlib) {
  for (const std::uint8_t algorithm : std::to_array<std::uint8_t>({0, 2, 3})) {
    Octets body = compress(Octets(1000));
    body[1] = algorithm;
    EXPECT_EQ(parse_compressed_certificate(body).error(), Error::kUnofferedCompression);
  }
}

}  // namespace
}  // namespace heliograph::tls
