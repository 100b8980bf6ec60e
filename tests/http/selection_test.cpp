#include "http/selection.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::http {
namespace {

ContentCoding preferred(std::string_view accept_encoding) {
  const Field field{"Accept-Encoding", accept_encoding};
  return preferred_coding(Fields({&field, 1}));
}

TEST(ContentCodings, GzipIsSentToWhoAcceptsIt) {
  for (const char* value : {"gzip", "GZip", "x-gzip", "gzip, deflate, br, zstd", "br,gzip", "*",
                            "br;q=1, gzip;q=0.001", "gzip ; Q=0.5", "gzip;q=1.000", "gzip;q=1.",
                            "identity;q=0.5, gzip;q=0.5", "identity;q=0, *;q=0.1", ",, gzip ,"}) {
    EXPECT_EQ(preferred(value), ContentCoding::kGzip) << value;
  }
}

TEST(ContentCodings, NothingIsCompressedForWhoDoesNot) {
  for (const char* value :
       {"", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip;q=0, *", "*;q=0", "gzipped",
        "identity, gzip;q=0.999", "identity;q=0.501, *;q=0.5", "identity;q=0, gzip;q=0"}) {
    EXPECT_EQ(preferred(value), ContentCoding::kIdentity) << value;
  }
  EXPECT_EQ(preferred_coding(Fields()), ContentCoding::kIdentity);
}

TEST(ContentCodings, AWeightThatIsNoneCountsAsNotNamed) {
  for (const char* value : {"gzip;q=", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.0001", "gzip;q=.5",
                            "gzip;q=-1", "gzip;q=0,5", "gzip;q=1x", "gzip;level=9", "g zip"}) {
    EXPECT_EQ(preferred(value), ContentCoding::kIdentity) << value;
  }
}

TEST(ContentCodings, SeveralFieldsAreOneList) {
  const std::vector<Field> fields{{"accept-encoding", "br"}, {"Accept-Encoding", "gzip"}};
  EXPECT_EQ(preferred_coding(Fields(fields)), ContentCoding::kGzip);
}

bool names(std::string_view if_none_match, std::string_view tag = "\"a,b\"") {
  const Field field{"If-None-Match", if_none_match};
  return none_match_names(Fields({&field, 1}), tag);
}

TEST(IfNoneMatch, NamesATagInAList) {
  for (const char* value : {"\"a,b\"", "W/\"a,b\"", "\"x\", \"a,b\"", "\"x\",W/\"a,b\" , \"y\"",
                            "*", " * ", ", \"a,b\""}) {
    EXPECT_TRUE(names(value)) << value;
  }
}

TEST(IfNoneMatch, DoesNotNameWhatIsNotThere) {
  for (const char* value : {"", "\"\"", "\"a\"", "a,b", "\"a,b", "\"A,B\"", "\"x\", *", "w/\"a,b\"",
                            "nonsense, \"a,b\"", "\"xa,b\""}) {
    EXPECT_FALSE(names(value)) << value;
  }
  EXPECT_FALSE(none_match_names(Fields(), "\"a,b\""));
}

TEST(IfNoneMatch, SeveralFieldsAreOneList) {
  const std::vector<Field> fields{{"If-None-Match", "\"x\""}, {"If-None-Match", "\"a,b\""}};
  EXPECT_TRUE(none_match_names(Fields(fields), "\"a,b\""));
}

}  // namespace
}  // namespace heliograph::http
