#include "tls/record.hpp"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::joined;
using test::octets;
using test::Octets;

Octets record_of(std::uint8_t type, std::size_t size) {
  Octets record = {type, 3, 3, static_cast<std::uint8_t>(size >> 8),
                   static_cast<std::uint8_t>(size)};
  record.resize(record.size() + size, 0x2a);
  return record;
}

struct Seen {
  std::vector<Octets> payloads;
  std::optional<Error> error;
  bool operator==(const Seen&) const = default;
};

Seen read_in_pieces(Bytes all, std::size_t piece, std::size_t max_payload = kMaxPlaintext) {
  RecordReader reader;
  Seen seen;
  Octets copy = octets(all);
  for (std::size_t at = 0; at < copy.size() && !seen.error; at += piece) {
    MutableBytes input = MutableBytes(copy).subspan(at, std::min(piece, copy.size() - at));
    for (;;) {
      const auto record = reader.next(input, max_payload);
      if (!record) {
        seen.error = record.error();
        break;
      }
      if (!*record) break;
      seen.payloads.push_back(octets((*record)->payload));
    }
  }
  return seen;
}

TEST(Record, HasAHeaderOfTypeVersionAndLength) {
  EXPECT_EQ(record_header(ContentType::kHandshake, 0x1234), (RecordHeader{22, 3, 3, 0x12, 0x34}));
}

TEST(RecordReader, ReadsTheSameInAnySegmentation) {
  const Octets all =
      joined({record_of(22, 100), record_of(23, 0), record_of(21, 2), record_of(23, 700)});
  const Seen whole = read_in_pieces(all, all.size());
  ASSERT_EQ(whole.payloads.size(), 4U);
  for (std::size_t piece = 1; piece < all.size(); ++piece) {
    ASSERT_EQ(read_in_pieces(all, piece), whole) << piece;
  }
}

TEST(RecordReader, TakesAWholeRecordOutOfTheInputWithoutACopy) {
  Octets all = record_of(23, 10);
  MutableBytes input = all;
  RecordReader reader;
  const auto record = reader.next(input, kMaxPlaintext);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->payload.data(), all.data() + kRecordHeaderSize);
  EXPECT_TRUE(input.empty());
}

TEST(RecordReader, IgnoresTheRecordVersion) {
  Octets record = record_of(22, 1);
  record[1] = 0xff;
  record[2] = 0x00;
  EXPECT_EQ(read_in_pieces(record, record.size()).payloads.size(), 1U);
}

TEST(RecordReader, TakesTheLongestRecordAndRefusesTheNextLonger) {
  EXPECT_FALSE(read_in_pieces(record_of(22, kMaxPlaintext), 1000).error);
  EXPECT_EQ(read_in_pieces(record_of(22, kMaxPlaintext + 1), 1000).error, Error::kRecordTooLong);
  EXPECT_FALSE(read_in_pieces(record_of(23, kMaxCiphertext), 1000, kMaxCiphertext).error);
  EXPECT_EQ(read_in_pieces(record_of(23, kMaxCiphertext + 1), 1000, kMaxCiphertext).error,
            Error::kRecordTooLong);
}

TEST(RecordReader, RefusesTooLongARecordByItsHeaderAlone) {
  const Octets record = record_of(22, kMaxPlaintext + 1);
  EXPECT_EQ(read_in_pieces(Bytes(record).first(kRecordHeaderSize), 1).error, Error::kRecordTooLong);
}

TEST(RecordReader, KnowsFourContentTypes) {
  for (unsigned type = 0; type < 256; ++type) {
    const Seen seen = read_in_pieces(record_of(static_cast<std::uint8_t>(type), 1), 100);
    EXPECT_EQ(!seen.error, type >= 20 && type <= 23) << type;
    if (seen.error) {
      EXPECT_EQ(seen.error, Error::kUnknownContentType);
    }
  }
}

TEST(RecordReader, RecognisesHttpInTheFirstBytes) {
  for (const std::string_view request :
       {"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "HEAD /", "PUT /a", "OPTIONS *", "CONNECT a",
        "DELETE /", "PATCH /", "TRACE /"}) {
    EXPECT_EQ(read_in_pieces(as_bytes(request), 100).error, Error::kHttpRequest) << request;
    EXPECT_EQ(read_in_pieces(as_bytes(request), 1).error, Error::kHttpRequest) << request;
  }
  EXPECT_EQ(read_in_pieces(as_bytes("GETS / HTTP/1.1"), 100).error, Error::kUnknownContentType);
}

TEST(RecordReader, RecognisesHttpNowhereElse) {
  const Octets later = joined({record_of(22, 1), octets("GET / HTTP/1.1\r\n")});
  EXPECT_EQ(read_in_pieces(later, later.size()).error, Error::kUnknownContentType);
}

}  // namespace
}  // namespace heliograph::tls
