#include "tls/key_update.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::Octets;

TEST(KeyUpdate, IsReadAsWritten) {
  for (const auto request :
       {KeyUpdateRequest::kUpdateNotRequested, KeyUpdateRequest::kUpdateRequested}) {
    const KeyUpdateMessage message = encode_key_update(request);
    EXPECT_EQ(message[0], 24);
    EXPECT_EQ(parse_key_update(Bytes(message).subspan(kHandshakeHeaderSize)), request);
  }
}

TEST(KeyUpdate, HasTwoValues) {
  for (unsigned value = 0; value < 256; ++value) {
    const auto request = parse_key_update(Octets{static_cast<std::uint8_t>(value)});
    EXPECT_EQ(request.has_value(), value <= 1) << value;
    if (!request) {
      EXPECT_EQ(request.error(), Error::kBadKeyUpdateRequest);
    }
  }
}

TEST(KeyUpdate, IsOneByte) {
  EXPECT_EQ(parse_key_update({}).error(), Error::kMalformedKeyUpdate);
  EXPECT_EQ(parse_key_update(Octets{0, 0}).error(), Error::kMalformedKeyUpdate);
}

}  // namespace
}  // namespace heliograph::tls
