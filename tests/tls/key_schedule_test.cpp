// The values of RFC 8448 section 3, and the constants recomputed from zeros.
#include "tls/key_schedule.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/key_share.hpp"
#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/client_hello.hpp"
#include "tls/handshake_message.hpp"
#include "tls/record.hpp"
#include "tls/server_hello.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls {
namespace {

using crypto::HashAlgorithm;
using test::from_hex;
using test::Octets;

std::string hex(const crypto::Secret& secret) {
  return hex_encode(secret.bytes());
}

// The shared secret of the example, from the server's private key and the client's share.
crypto::Secret shared_secret() {
  const auto server = crypto::KeyShare::from_private_key(NamedGroup::kX25519,
                                                         from_hex(test::simple::kServerPrivateKey));
  const Octets hello = from_hex(test::simple::kClientHelloRecord);
  const auto parsed =
      parse_client_hello(Bytes(hello).subspan(kRecordHeaderSize + kHandshakeHeaderSize));
  return std::move(*server.derive(*parsed->key_shares.find(NamedGroup::kX25519)));
}

class KeySchedule : public testing::Test {
 protected:
  KeySchedule() {
    transcript_.add(Bytes(from_hex(test::simple::kClientHelloRecord)).subspan(kRecordHeaderSize));
    transcript_.add(Bytes(from_hex(test::simple::kServerHelloRecord)).subspan(kRecordHeaderSize));
    until_server_hello_ = transcript_.hash();
    transcript_.add(from_hex(test::simple::kEncryptedExtensions));
    transcript_.add(from_hex(test::simple::kCertificate));
    transcript_.add(from_hex(test::simple::kCertificateVerify));
    until_certificate_verify_ = transcript_.hash();
    transcript_.add(from_hex(test::simple::kServerFinished));
    until_server_finished_ = transcript_.hash();
  }

  HandshakeSecret handshake_secret_ =
      EarlySecret(HashAlgorithm::kSha256).extract_handshake_secret(shared_secret().bytes());
  Transcript transcript_{HashAlgorithm::kSha256};
  crypto::Digest until_server_hello_;
  crypto::Digest until_certificate_verify_;
  crypto::Digest until_server_finished_;
};

TEST_F(KeySchedule, YieldsTheHandshakeSecretsOfRfc8448) {
  const auto secrets = handshake_secret_.traffic_secrets(until_server_hello_.bytes());
  EXPECT_EQ(hex(secrets.client),
            "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
  EXPECT_EQ(hex(secrets.server),
            "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
}

TEST_F(KeySchedule, YieldsTheHandshakeKeysOfRfc8448) {
  const auto secrets = handshake_secret_.traffic_secrets(until_server_hello_.bytes());
  const TrafficKeys keys = traffic_keys(CipherSuite::kAes128GcmSha256, secrets.server);
  EXPECT_EQ(hex(keys.key), "3fce516009c21727d0f2e4e86ee403bc");
  EXPECT_EQ(hex_encode(keys.iv), "5d313eb2671276ee13000b30");
}

TEST_F(KeySchedule, YieldsTheFinishedOfRfc8448) {
  const auto secrets = handshake_secret_.traffic_secrets(until_server_hello_.bytes());
  const crypto::Digest verify_data = finished_verify_data(HashAlgorithm::kSha256, secrets.server,
                                                          until_certificate_verify_.bytes());
  const Octets finished = from_hex(test::simple::kServerFinished);
  EXPECT_TRUE(equal(verify_data.bytes(), Bytes(finished).subspan(kHandshakeHeaderSize)));
}

TEST_F(KeySchedule, YieldsTheApplicationSecretsOfRfc8448) {
  const MainSecret main_secret = std::move(handshake_secret_).extract_main_secret();
  const auto secrets = main_secret.traffic_secrets(until_server_finished_.bytes());
  EXPECT_EQ(hex(secrets.client),
            "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
  EXPECT_EQ(hex(secrets.server),
            "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
  EXPECT_EQ(hex(main_secret.exporter_secret(until_server_finished_.bytes())),
            "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50");
}

// The precomputed early values: the constants must be what the chain from zeros leads to.
TEST(EarlySecret, StartsFromZeros) {
  for (const HashAlgorithm hash : {HashAlgorithm::kSha256, HashAlgorithm::kSha384}) {
    const Octets zeros(crypto::digest_size(hash));
    const crypto::Secret early = crypto::hkdf_extract(hash, zeros, zeros);
    crypto::Secret derived(zeros.size());
    hkdf_expand_label(crypto::HmacKey(hash, early.bytes()), "derived",
                      crypto::hash(hash, {}).bytes(), derived.mutable_bytes());
    const Octets shared(32, 3);
    const crypto::Secret handshake = crypto::hkdf_extract(hash, derived.bytes(), shared);
    crypto::Secret wanted(zeros.size());
    hkdf_expand_label(crypto::HmacKey(hash, handshake.bytes()), "c hs traffic", zeros,
                      wanted.mutable_bytes());
    EXPECT_EQ(hex(EarlySecret(hash).extract_handshake_secret(shared).traffic_secrets(zeros).client),
              hex(wanted));
  }
}

TEST(TrafficKeys, HaveTheKeySizeOfTheirSuite) {
  const crypto::Secret secret(48);
  EXPECT_EQ(traffic_keys(CipherSuite::kAes128GcmSha256, secret).key.size(), 16U);
  EXPECT_EQ(traffic_keys(CipherSuite::kAes256GcmSha384, secret).key.size(), 32U);
  EXPECT_EQ(traffic_keys(CipherSuite::kChaCha20Poly1305Sha256, secret).key.size(), 32U);
}

TEST(TrafficSecret, ChangesWithEveryUpdate) {
  const crypto::Secret first(32);
  const crypto::Secret second = next_traffic_secret(HashAlgorithm::kSha256, first);
  const crypto::Secret third = next_traffic_secret(HashAlgorithm::kSha256, second);
  EXPECT_EQ(second.size(), 32U);
  EXPECT_NE(hex(first), hex(second));
  EXPECT_NE(hex(second), hex(third));
}

}  // namespace
}  // namespace heliograph::tls
