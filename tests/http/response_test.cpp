#include "http/response.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http/parser.hpp"

namespace heliograph::http {
namespace {

TEST(HttpResponse, IsAHeadWithALengthAndABody) {
  Buffer output;
  const std::array<Field, 1> fields = {{{"Content-Type", "text/plain"}}};
  ASSERT_TRUE(append_response(output, 200, fields, "OK"));
  EXPECT_EQ(output.text(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK");
}

TEST(HttpResponse, LeavesTheBodyOutForHead) {
  Buffer output;
  ASSERT_TRUE(append_response(output, 404, {}, "four", Body::kLeftOut));
  EXPECT_EQ(output.text(), "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n");
}

TEST(HttpResponse, RefusesWhatWouldSplitIt) {
  const std::vector<Field> bad = {
      {"A", "b\r\nC: d"}, {"A", "b\n"}, {"A", "b\r"}, {"A", std::string_view("b\0", 2)},
      {"A:", "b"},        {"", "b"},    {"A b", "c"}, {"A\r\nB", "c"},
  };
  for (const Field& field : bad) {
    Buffer output;
    EXPECT_FALSE(append_head(output, 200, std::span(&field, 1)));
    EXPECT_FALSE(append_response(output, 200, std::span(&field, 1), "body"));
    EXPECT_TRUE(output.empty()) << field.name;
  }
}

TEST(HttpResponse, ReadsBackAsItWasWritten) {
  for (int status = 100; status <= 599; ++status) {
    Buffer output;
    const std::array<Field, 2> fields = {{{"A", ""}, {"B", "\xc3\xa4 \t c"}}};
    ASSERT_TRUE(append_head(output, status, fields));
    MutableBytes input = output.mutable_bytes();
    ResponseParser parser;
    const auto head = parser.receive(input);
    ASSERT_TRUE(head && *head) << status;
    EXPECT_EQ((*head)->status, status);
    EXPECT_EQ((*head)->reason, reason_phrase(status));
    EXPECT_EQ((*head)->fields.value("A"), "");
    EXPECT_EQ((*head)->fields.value("B"), "\xc3\xa4 \t c");
  }
}

}  // namespace
}  // namespace heliograph::http
