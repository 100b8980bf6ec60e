#include "tls/pre_shared_key.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::joined;
using test::octets;
using test::Octets;

TEST(OfferedPsks, GivesEachIdentityItsBinder) {
  const Octets data = joined({{0, 13}, {0, 1, 'a', 0, 0, 0, 1}, {0, 0}, {}});
  EXPECT_FALSE(OfferedPsks::parse(data));

  const Octets identities = joined({{0, 1, 'a'}, {0, 0, 0, 1}, {0, 2, 'b', 'c'}, {0, 0, 0, 2}});
  const Octets binders = joined({{32}, Octets(32, 1), {48}, Octets(48, 2)});
  const Octets good = joined({{0, static_cast<std::uint8_t>(identities.size())},
                              identities,
                              {0, static_cast<std::uint8_t>(binders.size())},
                              binders});
  const auto offered = OfferedPsks::parse(good);
  ASSERT_TRUE(offered);
  EXPECT_EQ(offered->binders_size(), 2 + 33 + 49U);
  OfferedPsks::Cursor cursor(*offered);
  const PskIdentity first = cursor.identity();
  EXPECT_EQ(as_text(first.identity), "a");
  EXPECT_EQ(first.obfuscated_ticket_age, 1U);
  EXPECT_EQ(octets(cursor.binder()), Octets(32, 1));
  const PskIdentity second = cursor.identity();
  EXPECT_EQ(as_text(second.identity), "bc");
  EXPECT_EQ(second.obfuscated_ticket_age, 2U);
  EXPECT_EQ(octets(cursor.binder()), Octets(48, 2));
  EXPECT_TRUE(cursor.done());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(OfferedPsks::parse(Bytes(good).first(size))) << size;
  }
  EXPECT_FALSE(OfferedPsks::parse(joined({good, {0}})));
}

TEST(OfferedPsks, HasAsManyBindersAsIdentities) {
  EXPECT_TRUE(OfferedPsks::parse(test::offered_psks(3, 3)));
  EXPECT_EQ(OfferedPsks::parse(test::offered_psks(2, 1)).error(), Error::kBinderCountMismatch);
  EXPECT_EQ(OfferedPsks::parse(test::offered_psks(1, 2)).error(), Error::kBinderCountMismatch);
  EXPECT_EQ(OfferedPsks::parse(test::offered_psks(0, 1)).error(), Error::kMalformedExtension);
  EXPECT_EQ(OfferedPsks::parse(test::offered_psks(1, 0)).error(), Error::kMalformedExtension);
}

TEST(OfferedPsks, HasNoEmptyIdentityAndNoShortBinder) {
  const auto parse = [](const Octets& identity, const Octets& binder) {
    return OfferedPsks::parse(joined({{0, static_cast<std::uint8_t>(identity.size())},
                                      identity,
                                      {0, static_cast<std::uint8_t>(binder.size())},
                                      binder}))
        .has_value();
  };
  const Octets identity = {0, 1, 'a', 0, 0, 0, 0};
  const Octets binder = joined({{32}, Octets(32)});
  EXPECT_TRUE(parse(identity, binder));
  EXPECT_FALSE(parse({0, 0, 0, 0, 0, 0}, binder));
  EXPECT_FALSE(parse({0, 1, 'a', 0, 0, 0}, binder));
  EXPECT_FALSE(parse(identity, joined({{31}, Octets(31)})));
}

TEST(Binder, VerifiesOnlyIfEveryBitIsRight) {
  const Octets expected(32, 5);
  EXPECT_TRUE(verify_binder(expected, expected));
  for (std::size_t bit = 0; bit < 8 * expected.size(); ++bit) {
    Octets wrong = expected;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_EQ(verify_binder(wrong, expected).error(), Error::kBinderMismatch);
  }
  EXPECT_FALSE(verify_binder(Bytes(expected).first(31), expected));
  EXPECT_FALSE(verify_binder(Octets(48, 5), expected));
  EXPECT_FALSE(verify_binder({}, expected));
}

TEST(PreSharedKey, IsWrittenWithRoomForItsBinder) {
  const Octets ticket = {1, 2, 3};
  Buffer out;
  write_pre_shared_key({ticket, 7}, 32, out);
  EXPECT_EQ(octets(out.bytes().first(2)), (Octets{0, 41}));
  const auto offered = OfferedPsks::parse(out.bytes().subspan(4));
  ASSERT_TRUE(offered);
  EXPECT_EQ(offered->binders_size(), binders_size(32));
  OfferedPsks::Cursor cursor(*offered);
  EXPECT_EQ(octets(cursor.identity().identity), ticket);
  EXPECT_EQ(octets(cursor.binder()), Octets(32));
}

}  // namespace
}  // namespace heliograph::tls
