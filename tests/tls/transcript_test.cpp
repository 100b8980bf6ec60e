#include "tls/transcript.hpp"

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/record.hpp"

namespace heliograph::tls {
namespace {

using test::from_hex;
using test::octets;
using test::Octets;

Octets message_in(std::string_view record) {
  return octets(Bytes(from_hex(record)).subspan(kRecordHeaderSize));
}

// A CertificateVerify signs the transcript hash, which is the end of the signed content.
Octets hash_at_the_end_of(std::string_view signed_content) {
  return octets(Bytes(from_hex(signed_content)).last(32));
}

TEST(Transcript, IsTheHashOfRfc8448) {
  Transcript transcript(crypto::HashAlgorithm::kSha256);
  transcript.add(message_in(test::simple::kClientHelloRecord));
  transcript.add(message_in(test::simple::kServerHelloRecord));
  transcript.add(from_hex(test::simple::kEncryptedExtensions));
  transcript.add(from_hex(test::simple::kCertificate));
  EXPECT_EQ(octets(transcript.hash().bytes()), hash_at_the_end_of(test::simple::kSignedContent));
}

TEST(Transcript, ReplacesTheFirstHelloWhenItIsRetried) {
  Transcript transcript(crypto::HashAlgorithm::kSha256);
  transcript.add(message_in(test::retry::kClientHelloRecord));
  transcript.replace_by_message_hash();
  transcript.add(message_in(test::retry::kHelloRetryRequestRecord));
  transcript.add(message_in(test::retry::kSecondClientHelloRecord));
  transcript.add(message_in(test::retry::kServerHelloRecord));
  transcript.add(from_hex(test::retry::kEncryptedExtensions));
  transcript.add(from_hex(test::retry::kCertificate));
  EXPECT_EQ(octets(transcript.hash().bytes()), hash_at_the_end_of(test::retry::kSignedContent));
}

TEST(Transcript, GoesOnAfterItsHashWasTaken) {
  Transcript once(crypto::HashAlgorithm::kSha384);
  once.add(octets("ab"));
  Transcript twice(crypto::HashAlgorithm::kSha384);
  twice.add(octets("a"));
  EXPECT_EQ(twice.hash().size, 48U);
  twice.add(octets("b"));
  EXPECT_EQ(octets(twice.hash().bytes()), octets(once.hash().bytes()));
}

}  // namespace
}  // namespace heliograph::tls
