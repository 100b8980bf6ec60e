#include "tls/server_hello.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/handshake_message.hpp"
#include "tls/record.hpp"

namespace heliograph::tls {
namespace {

using test::from_hex;
using test::octets;
using test::Octets;

Octets message_in(std::string_view record) {
  return octets(Bytes(from_hex(record)).subspan(kRecordHeaderSize));
}

Octets write(const ServerHello& hello) {
  Buffer out;
  write_server_hello(hello, out);
  return octets(out.bytes());
}

TEST(ServerHello, OfRfc8448IsReadAndWrittenToTheByte) {
  for (const std::string_view record :
       {test::simple::kServerHelloRecord, test::compatibility::kServerHelloRecord,
        test::retry::kServerHelloRecord}) {
    const Octets message = message_in(record);
    const auto hello = parse_server_hello(Bytes(message).subspan(kHandshakeHeaderSize));
    ASSERT_TRUE(hello) << describe(hello.error());
    EXPECT_FALSE(hello->is_hello_retry_request());
    EXPECT_EQ(write(*hello), message);
  }
}

TEST(ServerHello, IsAHelloRetryRequestByItsRandom) {
  EXPECT_TRUE(
      equal(crypto::hash(crypto::HashAlgorithm::kSha256, as_bytes("HelloRetryRequest")).bytes(),
            kHelloRetryRequestRandom));
  const Octets message = message_in(test::retry::kHelloRetryRequestRecord);
  const auto hello = parse_server_hello(Bytes(message).subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(hello) << describe(hello.error());
  EXPECT_TRUE(hello->is_hello_retry_request());
  EXPECT_EQ(hello->group, NamedGroup::kSecp256r1);
  EXPECT_TRUE(hello->key_exchange.empty());
}

TEST(HelloRetryRequest, IsReadAsWritten) {
  const Octets session_id(32, 7);
  const Octets message = write({.random = kHelloRetryRequestRandom,
                                .legacy_session_id_echo = session_id,
                                .cipher_suite = CipherSuite::kChaCha20Poly1305Sha256,
                                .group = NamedGroup::kSecp384r1,
                                .key_exchange = {}});
  const auto hello = parse_server_hello(Bytes(message).subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(hello) << describe(hello.error());
  EXPECT_TRUE(equal(hello->legacy_session_id_echo, session_id));
  EXPECT_EQ(hello->cipher_suite, CipherSuite::kChaCha20Poly1305Sha256);
  EXPECT_EQ(hello->group, NamedGroup::kSecp384r1);
}

TEST(ServerHello, CutAnywhereCannotBeDecoded) {
  const Octets message = message_in(test::simple::kServerHelloRecord);
  const Bytes body = Bytes(message).subspan(kHandshakeHeaderSize);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(parse_server_hello(body.first(size))) << size;
  }
}

TEST(ServerHello, MustSelectTls13) {
  Octets message = message_in(test::simple::kServerHelloRecord);
  message.back() = 3;
  EXPECT_EQ(parse_server_hello(Bytes(message).subspan(kHandshakeHeaderSize)).error(),
            Error::kUnofferedVersion);
}

}  // namespace
}  // namespace heliograph::tls
