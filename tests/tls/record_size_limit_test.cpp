#include "tls/record_size_limit.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

TEST(RecordSizeLimit, IsReadAsWritten) {
  for (const std::uint16_t limit : std::to_array<std::uint16_t>({64, 1000, 16385, 65535})) {
    Buffer out;
    write_record_size_limit(limit, out);
    EXPECT_EQ(octets(out.bytes().first(4)), (Octets{0, 28, 0, 2}));
    EXPECT_EQ(parse_record_size_limit(out.bytes().subspan(4)), limit);
  }
}

TEST(RecordSizeLimit, IsTwoBytesAndNoLessThan64) {
  EXPECT_EQ(parse_record_size_limit(Octets{0, 63}).error(), Error::kBadRecordSizeLimit);
  EXPECT_EQ(parse_record_size_limit(Octets{0, 0}).error(), Error::kBadRecordSizeLimit);
  for (const Octets& data : {Octets{}, Octets{1}, Octets{1, 0, 0}}) {
    EXPECT_EQ(parse_record_size_limit(data).error(), Error::kMalformedExtension);
  }
}

}  // namespace
}  // namespace heliograph::tls
