#include "http/head.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::http {
namespace {

struct Request {
  std::string text;
  std::vector<Field> storage;
  Result<RequestHead, Error> head;

  explicit Request(std::string_view bytes)
      : text(bytes), head(parse_request_head(as_bytes(text), storage)) {}
};

std::optional<Error> error_of(std::string_view text) {
  const Request request(text);
  return request.head ? std::nullopt : std::optional(request.head.error());
}

// A request that is right but for its request line.
std::optional<Error> error_of_line(std::string_view line) {
  return error_of(std::string(line) + "\r\nHost: l\r\n\r\n");
}

// A request that is right but for one more field line.
std::optional<Error> error_of_field(std::string_view line) {
  return error_of("GET / HTTP/1.1\r\nHost: l\r\n" + std::string(line) + "\r\n\r\n");
}

TEST(HttpHead, ReadsTheRequestLineAndTheFields) {
  const Request request(
      "GET /chat?room=1 HTTP/1.1\r\nHost: example.org:9090\r\nX-Empty:\r\nx-two: \t a b "
      "\t\r\n\r\n");
  ASSERT_TRUE(request.head.has_value());
  const RequestHead& head = *request.head;
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/chat?room=1");
  EXPECT_EQ(head.path(), "/chat");
  EXPECT_EQ(head.query(), "room=1");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.authority(), "example.org:9090");
  ASSERT_EQ(head.fields.all().size(), 3U);
  EXPECT_EQ(head.fields.value("HOST"), "example.org:9090");
  ASSERT_NE(head.fields.find("x-empty"), nullptr);
  EXPECT_EQ(head.fields.value("X-Empty"), "");
  EXPECT_EQ(head.fields.value("X-Two"), "a b");
  EXPECT_EQ(head.fields.find("X-Three"), nullptr);
  EXPECT_EQ(head.fields.value("X-Three"), "");
}

TEST(HttpHead, FindsTokensInAllFieldsOfAName) {
  const Request request(
      "GET / HTTP/1.1\r\nHost: l\r\nConnection: keep-alive\r\nconnection: x, Upgrade\r\n\r\n");
  ASSERT_TRUE(request.head.has_value());
  EXPECT_EQ(request.head->fields.count("Connection"), 2U);
  EXPECT_TRUE(request.head->fields.has_token("Connection", "upgrade"));
  EXPECT_TRUE(request.head->fields.has_token("Connection", "Keep-Alive"));
  EXPECT_FALSE(request.head->fields.has_token("Connection", "close"));
  EXPECT_FALSE(request.head->fields.has_token("Upgrade", "upgrade"));
}

TEST(HttpHead, RefusesAMalformedRequestLine) {
  EXPECT_EQ(error_of_line("GET / HTTP/1.1"), std::nullopt);
  EXPECT_EQ(error_of_line(""), Error::kMalformedRequestLine);
  EXPECT_EQ(error_of_line("GET"), Error::kMalformedRequestLine);
  EXPECT_EQ(error_of_line("GET /"), Error::kMalformedRequestLine);
  EXPECT_EQ(error_of_line(" / HTTP/1.1"), Error::kMalformedMethod);
  EXPECT_EQ(error_of_line("G@T / HTTP/1.1"), Error::kMalformedMethod);
  EXPECT_EQ(error_of_line("\xc3\x84 / HTTP/1.1"), Error::kMalformedMethod);
  EXPECT_EQ(error_of_line("BREW / HTTP/1.1"), std::nullopt);
  EXPECT_EQ(error_of_line("GET  HTTP/1.1"), Error::kMalformedTarget);
  EXPECT_EQ(error_of_line("GET  / HTTP/1.1"), Error::kMalformedTarget);
  EXPECT_EQ(error_of_line("GET /a b HTTP/1.1"), Error::kMalformedTarget);
  EXPECT_EQ(error_of_line("GET /a\tb HTTP/1.1"), Error::kMalformedTarget);
  EXPECT_EQ(error_of_line("GET /\xc3\xa4 HTTP/1.1"), Error::kMalformedTarget);
  EXPECT_EQ(error_of_line("GET /\tHTTP/1.1"), Error::kMalformedRequestLine);
}

TEST(HttpHead, RecognisesTwoVersions) {
  EXPECT_EQ(error_of_line("GET / HTTP/1.0"), std::nullopt);
  EXPECT_EQ(Request("GET / HTTP/1.0\r\n\r\n").head->minor_version, 0);
  EXPECT_EQ(error_of_line("GET / HTTP/1.2"), Error::kUnsupportedVersion);
  EXPECT_EQ(error_of_line("GET / HTTP/0.9"), Error::kUnsupportedVersion);
  EXPECT_EQ(error_of_line("PRI * HTTP/2.0"), Error::kUnsupportedVersion);
  EXPECT_EQ(error_of_line("GET / HTTP/1.1 "), Error::kMalformedVersion);
  EXPECT_EQ(error_of_line("GET / http/1.1"), Error::kMalformedVersion);
  EXPECT_EQ(error_of_line("GET / HTTP/1"), Error::kMalformedVersion);
  EXPECT_EQ(error_of_line("GET / HTTP/1,1"), Error::kMalformedVersion);
  EXPECT_EQ(error_of_line("GET / HTTP/1.11"), Error::kMalformedVersion);
  EXPECT_EQ(error_of_line("GET / HTTPS/1.1"), Error::kMalformedVersion);
}

TEST(HttpHead, ReadsTheFormsOfATargetThatAnOriginServerCanMeet) {
  const auto path = [](std::string_view line) {
    const Request request(std::string(line) + " HTTP/1.1\r\nHost: l\r\n\r\n");
    return request.head ? std::string(request.head->path()) : "refused";
  };
  EXPECT_EQ(path("GET /"), "/");
  EXPECT_EQ(path("GET //a/b"), "//a/b");
  EXPECT_EQ(path("GET /?a=/b?c"), "/");
  EXPECT_EQ(path("GET http://example.org/a?b"), "/a");
  EXPECT_EQ(path("GET WSS://example.org"), "/");
  EXPECT_EQ(path("GET https://example.org?a=b"), "/");
  EXPECT_EQ(path("OPTIONS *"), "*");
  EXPECT_EQ(path("GET *"), "refused");
  EXPECT_EQ(path("GET http://"), "refused");
  EXPECT_EQ(path("GET http:///a"), "refused");
  EXPECT_EQ(path("GET ftp://example.org/"), "refused");
  EXPECT_EQ(path("GET example.org"), "refused");
  EXPECT_EQ(path("CONNECT example.org:443"), "refused");
}

TEST(HttpHead, TheAuthorityOfAnAbsoluteTargetOverridesHost) {
  const Request request("GET http://example.org:81/ HTTP/1.1\r\nHost: other\r\n\r\n");
  ASSERT_TRUE(request.head.has_value());
  EXPECT_EQ(request.head->authority(), "example.org:81");
}

TEST(HttpHead, RefusesMalformedFieldLines) {
  EXPECT_EQ(error_of_field("A:b"), std::nullopt);
  EXPECT_EQ(error_of_field("A: \xc3\xa4"), std::nullopt);
  EXPECT_EQ(error_of_field("A"), Error::kMissingColon);
  EXPECT_EQ(error_of_field("A : b"), Error::kSpaceBeforeColon);
  EXPECT_EQ(error_of_field("A\t: b"), Error::kSpaceBeforeColon);
  EXPECT_EQ(error_of_field(": b"), Error::kMalformedFieldName);
  EXPECT_EQ(error_of_field("A b: c"), Error::kMalformedFieldName);
  EXPECT_EQ(error_of_field("A\x80: c"), Error::kMalformedFieldName);
  EXPECT_EQ(error_of_field("(A): c"), Error::kMalformedFieldName);
}

TEST(HttpHead, RequiresOneHost) {
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n\r\n"), Error::kMissingHost);
  EXPECT_EQ(error_of("GET / HTTP/1.0\r\n\r\n"), std::nullopt);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost:\r\n\r\n"), std::nullopt);
  EXPECT_EQ(error_of_field("host: l"), Error::kRepeatedHost);
  EXPECT_EQ(error_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), Error::kRepeatedHost);
}

TEST(HttpHead, RefusesAHostThatIsNone) {
  for (const std::string_view host : {"a b", "a,b", "a/b", "u@a", "a?b", "a#b", "\xc3\xa4"}) {
    EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"),
              Error::kMalformedHost)
        << host;
  }
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: [::1]:9090\r\n\r\n"), std::nullopt);
}

TEST(HttpHead, RefusesAContentLengthThatIsNotOneNumber) {
  for (const std::string_view length : {"0", "5", "007", "99999999999999999999"}) {
    EXPECT_EQ(error_of_field("Content-Length: " + std::string(length)), std::nullopt) << length;
  }
  for (const std::string_view length :
       {"", "+5", "-5", "5 5", "5, 5", "0x5", "5.0", "abc", "\xc2\xb9"}) {
    EXPECT_EQ(error_of_field("Content-Length: " + std::string(length)),
              Error::kMalformedContentLength)
        << length;
  }
  EXPECT_EQ(error_of_field("Content-Length: 5\r\ncontent-length: 5"),
            Error::kMalformedContentLength);
}

TEST(HttpHead, RefusesABodyThatEndsInTwoPlaces) {
  EXPECT_EQ(error_of_field("Transfer-Encoding: chunked"), std::nullopt);
  EXPECT_EQ(error_of_field("Transfer-Encoding: chunked\r\nContent-Length: 5"),
            Error::kAmbiguousBody);
  EXPECT_EQ(error_of_field("content-lengtH: 5\r\nTransFer-Encoding: identity"),
            Error::kAmbiguousBody);
  EXPECT_EQ(error_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Error::kAmbiguousBody);
}

TEST(HttpHead, TakesFieldsAtTheLimitAndRefusesOnePast) {
  std::string head = "GET / HTTP/1.1\r\nHost: l\r\n";
  for (std::size_t i = 1; i < kMaxFields; ++i) head += "A: b\r\n";
  EXPECT_EQ(error_of(head + "\r\n"), std::nullopt);
  EXPECT_EQ(error_of(head + "A: b\r\n\r\n"), Error::kTooManyFields);
}

std::optional<Error> error_of_status_line(std::string_view line) {
  std::vector<Field> storage;
  const std::string text = std::string(line) + "\r\n\r\n";
  const auto head = parse_response_head(as_bytes(text), storage);
  return head ? std::nullopt : std::optional(head.error());
}

TEST(HttpHead, ReadsAResponse) {
  std::vector<Field> storage;
  const auto head = parse_response_head(
      as_bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), storage);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 101);
  EXPECT_EQ(head->minor_version, 1);
  EXPECT_EQ(head->reason, "Switching Protocols");
  EXPECT_EQ(head->fields.value("upgrade"), "websocket");
}

TEST(HttpHead, RefusesAMalformedStatusLine) {
  EXPECT_EQ(error_of_status_line("HTTP/1.0 200 "), std::nullopt);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 599 x"), std::nullopt);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 600 x"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 100 x"), std::nullopt);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 099 x"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 200"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 20 OK"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1 2000 OK"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/1.1  200 OK"), Error::kMalformedStatusLine);
  EXPECT_EQ(error_of_status_line("HTTP/2.0 200 OK"), Error::kUnsupportedVersion);
  EXPECT_EQ(error_of_status_line("ICY 200 OK"), Error::kMalformedVersion);
  EXPECT_EQ(error_of_status_line(""), Error::kMalformedVersion);
}

}  // namespace
}  // namespace heliograph::http
