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

TEST(EncryptedExtensions, MayBeEmpty) {
  EXPECT_EQ(write({}), (Octets{8, 0, 0, 2, 0, 0}));
}

TEST(EncryptedExtensions, AreReadAsWritten) {
  const Octets message =
      write({.application_protocol = "http/1.1", .acknowledges_server_name = true});
  const auto read = parse_encrypted_extensions(Bytes(message).subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->application_protocol, "http/1.1");
  EXPECT_TRUE(read->acknowledges_server_name);
}

TEST(EncryptedExtensions, OfRfc8448AreDecoded) {
  const Octets message = test::from_hex(test::simple::kEncryptedExtensions);
  const auto read = parse_encrypted_extensions(Bytes(message).subspan(kHandshakeHeaderSize));
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
    return parse_encrypted_extensions(out.bytes()).has_value();
  };
  EXPECT_TRUE(with_alpn(test::protocol_list({"a"})));
  EXPECT_FALSE(with_alpn(test::protocol_list({"a", "b"})));
  EXPECT_FALSE(with_alpn(test::protocol_list({})));
  EXPECT_FALSE(with_alpn(test::protocol_list({""})));
}

TEST(EncryptedExtensions, MustFillTheirMessage) {
  EXPECT_EQ(parse_encrypted_extensions(Octets{0}).error(), Error::kMalformedEncryptedExtensions);
  EXPECT_EQ(parse_encrypted_extensions(Octets{0, 0, 0}).error(),
            Error::kMalformedEncryptedExtensions);
}

}  // namespace
}  // namespace heliograph::tls
