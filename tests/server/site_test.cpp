#include "server/site.hpp"

#include <string>

#include <gtest/gtest.h>

#include "http/parser.hpp"
#include "server/embedded_files.hpp"

namespace heliograph::server {
namespace {

struct Answer {
  std::string text;
  AfterResponse after;

  [[nodiscard]] bool starts_with(std::string_view head) const { return text.starts_with(head); }
  [[nodiscard]] bool has(std::string_view part) const {
    return text.find(part) != std::string::npos;
  }
};

Answer answer(std::string_view request, Demo demo = Demo::kOn) {
  Buffer bytes;
  bytes.append(request);
  MutableBytes input = bytes.mutable_bytes();
  http::RequestParser parser;
  const auto head = parser.receive(input);
  EXPECT_TRUE(head && *head) << request;
  Buffer response;
  const AfterResponse after = answer_request(**head, demo, response);
  return {std::string(response.text()), after};
}

TEST(Site, AnyPathIsOk) {
  for (const char* path : {"/", "/anything?x=1", "/demo", "/.well-known/x"}) {
    const Answer ok = answer("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(ok.starts_with("HTTP/1.1 200 OK\r\n")) << ok.text;
    EXPECT_TRUE(ok.text.ends_with("\r\n\r\nOK")) << ok.text;
    EXPECT_EQ(ok.after, AfterResponse::kKeepAlive);
  }
}

TEST(Site, DemoPagesAreThereWhenTheDemoIsOn) {
  ASSERT_FALSE(embedded_files().empty());
  const Answer page = answer("GET /demo/tutorial/ HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(page.has("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_TRUE(page.has("Content-Security-Policy: default-src 'self'"));
  EXPECT_TRUE(page.has("usernameInput"));
  EXPECT_TRUE(
      answer("GET /demo/ HTTP/1.1\r\nHost: h\r\n\r\n").has("Location: /demo/tutorial/\r\n"));
  EXPECT_TRUE(answer("GET /demo/none HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(answer("GET /demo/../x HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 404 "));
}

TEST(Site, DemoPagesAreNotThereWhenItIsOff) {
  const Answer ok = answer("GET /demo/tutorial/ HTTP/1.1\r\nHost: h\r\n\r\n", Demo::kOff);
  EXPECT_TRUE(ok.text.ends_with("\r\n\r\nOK")) << ok.text;
}

TEST(Site, HeadHasNoBody) {
  const Answer head = answer("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(head.has("Content-Length: 2\r\n"));
  EXPECT_TRUE(head.text.ends_with("\r\n\r\n"));
}

TEST(Site, OtherMethodsAreNotAllowed) {
  const Answer refused = answer("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(refused.has("Allow: GET, HEAD\r\n"));
}

TEST(Site, ClosesWhenAskedToOrWhenABodyFollows) {
  for (const char* field :
       {"Connection: close", "Content-Length: 5", "Transfer-Encoding: chunked"}) {
    const Answer last = answer("GET / HTTP/1.1\r\nHost: h\r\n" + std::string(field) + "\r\n\r\n");
    EXPECT_EQ(last.after, AfterResponse::kClose) << field;
    EXPECT_TRUE(last.has("Connection: close\r\n")) << field;
  }
  EXPECT_EQ(answer("GET / HTTP/1.0\r\nHost: h\r\n\r\n").after, AfterResponse::kClose);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").after,
            AfterResponse::kKeepAlive);
}

TEST(Site, ARefusalIsOneLineAndCloses) {
  Buffer response;
  append_refusal(400, "this is why", response);
  EXPECT_EQ(response.text(),
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            "Content-Length: 12\r\n\r\nthis is why\n");
}

}  // namespace
}  // namespace heliograph::server
