#include "tls/new_session_ticket.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::joined;
using test::octets;
using test::Octets;

Octets write(std::uint32_t max_early_data_size) {
  const Octets nonce = {1, 2};
  const Octets ticket = {3, 4, 5};
  Buffer out;
  write_new_session_ticket({.lifetime = 7200,
                            .age_add = 0x01020304,
                            .nonce = nonce,
                            .ticket = ticket,
                            .max_early_data_size = max_early_data_size},
                           out);
  return octets(out.bytes());
}

Bytes body_of(const Octets& message) {
  return Bytes(message).subspan(kHandshakeHeaderSize);
}

// With these extensions.
Octets body_with(const Octets& extensions) {
  return joined({{0, 0, 0, 1},
                 {0, 0, 0, 0},
                 {0},
                 {0, 1, 9},
                 {0, static_cast<std::uint8_t>(extensions.size())},
                 extensions});
}

TEST(NewSessionTicket, IsReadAsWritten) {
  for (const std::uint32_t size : {0U, 1000U, 0xffffffffU}) {
    const Octets message = write(size);
    EXPECT_EQ(message[0], 4);
    const auto read = parse_new_session_ticket(body_of(message));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->lifetime, 7200U);
    EXPECT_EQ(read->age_add, 0x01020304U);
    EXPECT_EQ(octets(read->nonce), (Octets{1, 2}));
    EXPECT_EQ(octets(read->ticket), (Octets{3, 4, 5}));
    EXPECT_EQ(read->max_early_data_size, size);
  }
}

TEST(NewSessionTicket, CutAnywhereCannotBeDecoded) {
  const Octets message = write(1000);
  const Bytes body = body_of(message);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(parse_new_session_ticket(body.first(size))) << size;
  }
  EXPECT_EQ(parse_new_session_ticket(joined({octets(body), {0}})).error(),
            Error::kMalformedNewSessionTicket);
}

TEST(NewSessionTicket, HoldsATicket) {
  EXPECT_EQ(parse_new_session_ticket(joined({Octets(8), {0}, {0, 0}, {0, 0}})).error(),
            Error::kMalformedNewSessionTicket);
}

TEST(NewSessionTicket, MayCarryUnknownExtensionsAndNoMisplacedOnes) {
  EXPECT_TRUE(parse_new_session_ticket(body_with({0xff, 1, 0, 1, 0})));
  EXPECT_EQ(parse_new_session_ticket(body_with({0, 0, 0, 0})).error(), Error::kMisplacedExtension);
  const Octets early_data = {0, 42, 0, 4, 0, 0, 0, 1};
  EXPECT_TRUE(parse_new_session_ticket(body_with(early_data)));
  EXPECT_EQ(parse_new_session_ticket(body_with(joined({early_data, early_data}))).error(),
            Error::kDuplicateExtension);
  for (const Octets& data :
       {Octets{0, 42, 0, 0}, Octets{0, 42, 0, 3, 0, 0, 0}, Octets{0, 42, 0, 5, 0, 0, 0, 0, 0}}) {
    EXPECT_EQ(parse_new_session_ticket(body_with(data)).error(), Error::kMalformedExtension);
  }
}

}  // namespace
}  // namespace heliograph::tls
