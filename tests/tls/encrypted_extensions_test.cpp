#include "tls/encrypted_extensions.hpp"

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

Octets write(const EncryptedExtensions& extensions) {
  Buffer out;
  write_encrypted_extensions(extensions, out);
  return octets(out.bytes());
}

constexpr SolicitedExtensions kAll = {.server_name = true,
                                      .application_protocols = true,
                                      .record_size_limit = true,
                                      .early_data = true};

TEST(EncryptedExtensions, MayBeEmpty) {
  EXPECT_EQ(write({}), (Octets{8, 0, 0, 2, 0, 0}));
}

TEST(EncryptedExtensions, AreReadAsWritten) {
  const Octets message =
      write({.application_protocol = "http/1.1", .acknowledges_server_name = true});
  const auto read = parse_encrypted_extensions(Bytes(message).subspan(kHandshakeHeaderSize), kAll);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->application_protocol, "http/1.1");
  EXPECT_TRUE(read->acknowledges_server_name);
}

TEST(EncryptedExtensions, OfRfc8448AreDecoded) {
  const Octets message = test::from_hex(test::simple::kEncryptedExtensions);
  const auto read = parse_encrypted_extensions(Bytes(message).subspan(kHandshakeHeaderSize), kAll);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->acknowledges_server_name);
  EXPECT_TRUE(read->application_protocol.empty());
}

TEST(EncryptedExtensions, SelectExactlyOneProtocol) {
  const auto with_alpn = [](const Octets& data) {
    Buffer out;
    {
      const LengthPrefix<2> block(out);
      const ExtensionWriter extension(out, ExtensionType::kApplicationLayerProtocolNegotiation);
      out.append(data);
    }
    return parse_encrypted_extensions(out.bytes(), kAll).has_value();
  };
  EXPECT_TRUE(with_alpn(test::protocol_list({"a"})));
  EXPECT_FALSE(with_alpn(test::protocol_list({"a", "b"})));
  EXPECT_FALSE(with_alpn(test::protocol_list({})));
  EXPECT_FALSE(with_alpn(test::protocol_list({""})));
}

TEST(EncryptedExtensions, AnswerOnlyWhatWasSent) {
  const Octets name = write({.acknowledges_server_name = true});
  const Octets protocol = write({.application_protocol = "a"});
  const Octets limit = write({.record_size_limit = 64});
  const Octets early_data = write({.accepts_early_data = true});
  for (const Octets& message : {name, protocol, limit, early_data}) {
    const Bytes body = Bytes(message).subspan(kHandshakeHeaderSize);
    EXPECT_TRUE(parse_encrypted_extensions(body, kAll));
    EXPECT_EQ(parse_encrypted_extensions(body, {}).error(), Error::kUnsolicitedExtension);
  }
}

TEST(EncryptedExtensions, LimitRecordsToNoLessThan64Bytes) {
  const auto with_limit = [](std::uint16_t limit) {
    const Octets message = write({.record_size_limit = limit});
    return parse_encrypted_extensions(Bytes(message).subspan(kHandshakeHeaderSize), kAll);
  };
  EXPECT_EQ(with_limit(64)->record_size_limit, 64);
  EXPECT_EQ(with_limit(63).error(), Error::kBadRecordSizeLimit);
}

TEST(EncryptedExtensions, MustFillTheirMessage) {
  EXPECT_EQ(parse_encrypted_extensions(Octets{0}, kAll).error(),
            Error::kMalformedEncryptedExtensions);
  EXPECT_EQ(parse_encrypted_extensions(Octets{0, 0, 0}, kAll).error(),
            Error::kMalformedEncryptedExtensions);
}

}  // namespace
}  // namespace heliograph::tls
