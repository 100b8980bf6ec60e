#include "tls/distinguished_names.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

TEST(DistinguishedNames, AreReadAsWritten) {
  const std::vector<Octets> names = {{0x30, 0}, {0x30, 2, 5, 0}, Octets(300, 0x30)};
  Buffer out;
  write_distinguished_names(names, out);
  const auto read = parse_distinguished_names(out.bytes());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(octets((*read)[i]), names[i]);
}

TEST(DistinguishedNames, AreAtLeastOneAndNoneIsEmpty) {
  EXPECT_TRUE(parse_distinguished_names(Octets{0, 3, 0, 1, 0x30}));
  for (const Octets& data : {Octets{}, Octets{0}, Octets{0, 0}, Octets{0, 2, 0, 0}, Octets{0, 1, 0},
                             Octets{0, 3, 0, 2, 0x30}, Octets{0, 4, 0, 1, 0x30},
                             Octets{0, 3, 0, 1, 0x30, 0}, Octets{0, 5, 0, 1, 0x30, 0, 0}}) {
    EXPECT_EQ(parse_distinguished_names(data).error(), Error::kMalformedExtension);
  }
}

}  // namespace
}  // namespace heliograph::tls
