#include "server/site.hpp"

#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

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
  // The value of a field; empty if it is not there.
  [[nodiscard]] std::string field(const std::string& name) const {
    const std::size_t at = text.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t start = at + name.size() + 4;
    return text.substr(start, text.find("\r\n", start) - start);
  }
  [[nodiscard]] std::string body() const { return text.substr(text.find("\r\n\r\n") + 4); }
};

constexpr std::string_view kPage = "/demo/tutorial/";

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

// Of a page, with lines such as "Accept-Encoding: gzip\r\n".
Answer page(std::string_view path, const std::string& lines = {},
            const std::string& method = "GET") {
  return answer(method + " " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n");
}

std::string gunzipped(std::string_view compressed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::vector<Bytef> input(compressed.begin(), compressed.end());
  std::array<Bytef, 4096> part{};
  std::string output;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = part.data();
    stream.avail_out = static_cast<uInt>(part.size());
    result = inflate(&stream, Z_NO_FLUSH);
    output.append(part.begin(), part.end() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END);
  inflateEnd(&stream);
  return output;
}

TEST(Site, AnyPathIsOk) {
  for (const char* path : {"/", "/anything?x=1", "/demonstration", "/.well-known/x"}) {
    const Answer ok = answer("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(ok.starts_with("HTTP/1.1 200 OK\r\n")) << ok.text;
    EXPECT_TRUE(ok.text.ends_with("\r\n\r\nOK")) << ok.text;
    EXPECT_EQ(ok.after, AfterResponse::kKeepAlive);
  }
}

TEST(Site, DemoPagesAreThereWhenTheDemoIsOn) {
  for (const char* path : {"/demo/", "/demo/index.html", "/demo/?room=1", "/demo/tutorial/"}) {
    const Answer found = page(path);
    EXPECT_TRUE(found.starts_with("HTTP/1.1 200 OK\r\n")) << path;
    EXPECT_EQ(found.field("Content-Type"), "text/html; charset=utf-8") << path;
    EXPECT_TRUE(found.body().starts_with("<!doctype html>")) << path;
  }
  EXPECT_TRUE(page("/demo/tutorial/").has("usernameInput"));
  EXPECT_EQ(page("/demo/style.css").field("Content-Type"), "text/css; charset=utf-8");
  for (const char* path : {"/demo/demo.js", "/demo/heliograph-client.js"}) {
    EXPECT_EQ(page(path).field("Content-Type"), "text/javascript; charset=utf-8") << path;
  }
  EXPECT_EQ(page("/demo/icon.svg").field("Content-Type"), "image/svg+xml");
}

TEST(Site, TheFolderWithoutItsSlashLeadsToThePage) {
  const Answer moved = page("/demo");
  EXPECT_TRUE(moved.starts_with("HTTP/1.1 302 "));
  EXPECT_EQ(moved.field("Location"), "/demo/");
}

TEST(Site, WhatIsNoPageIsNotFoundAndSaysSoInAPage) {
  for (const char* path :
       {"/demo/none", "/demo/../x", "/demo/../admin/index.html", "/demo/admin/",
        "/demo/admin/status.js", "/demo/tutorial/../admin/index.html", "/demo/demo/index.html",
        "/demo//index.html", "/demo/tutorial", "/demo/%2e%2e/admin/index.html", "/demo/style.css/",
        "/demo/Style.css"}) {
    const Answer missing = page(path, "Accept-Encoding: gzip\r\nIf-None-Match: *\r\n");
    EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 Not Found\r\n")) << path;
    EXPECT_TRUE(missing.has("There is no such page")) << path;
    EXPECT_FALSE(missing.field("Content-Security-Policy").empty()) << path;
  }
}

TEST(Site, EveryFileIsCompressedWithoutLoss) {
  ASSERT_FALSE(embedded_files().empty());
  std::set<std::string_view> tags;
  for (const EmbeddedFile& file : embedded_files()) {
    EXPECT_EQ(gunzipped(as_text(file.gzip.content)), as_text(file.identity.content)) << file.path;
    EXPECT_LT(file.gzip.content.size(), file.identity.content.size()) << file.path;
    // RFC 1952 section 2.3: no name (FLG) and no time (MTIME), which would change the bytes.
    EXPECT_EQ(as_text(file.gzip.content.subspan(3, 5)), std::string(5, '\0')) << file.path;
    for (const std::string_view tag : {file.identity.tag, file.gzip.tag}) {
      EXPECT_TRUE(tag.size() == 34 && tag.starts_with('"') && tag.ends_with('"')) << tag;
      tags.insert(tag);
    }
    EXPECT_NE(file.identity.tag, file.gzip.tag) << file.path;
  }
  EXPECT_GE(tags.size(), embedded_files().size());
}

TEST(Site, APageIsSentCompressedToWhoAcceptsThat) {
  const Answer plain = page(kPage);
  EXPECT_EQ(plain.field("Content-Encoding"), "");
  EXPECT_EQ(plain.field("Vary"), "Accept-Encoding");
  const Answer compressed = page(kPage, "Accept-Encoding: br, gzip;q=0.8\r\n");
  EXPECT_EQ(compressed.field("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed.field("Vary"), "Accept-Encoding");
  EXPECT_EQ(compressed.field("Content-Length"), std::to_string(compressed.body().size()));
  EXPECT_EQ(gunzipped(compressed.body()), plain.body());
  EXPECT_EQ(page(kPage, "Accept-Encoding: gzip;q=0\r\n").text, plain.text);
}

TEST(Site, WhoHasAPageIsNotSentItAgain) {
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  for (const std::string& lines : {std::string(), gzip}) {
    const std::string tag = page(kPage, lines).field("ETag");
    ASSERT_FALSE(tag.empty());
    for (const char* method : {"GET", "HEAD"}) {
      const Answer same = page(kPage, lines + "If-None-Match: \"x\", " + tag + "\r\n", method);
      EXPECT_TRUE(same.starts_with("HTTP/1.1 304 Not Modified\r\n")) << same.text;
      EXPECT_EQ(same.field("ETag"), tag);
      EXPECT_EQ(same.field("Vary"), "Accept-Encoding");
      EXPECT_EQ(same.field("Cache-Control"), "no-cache");
      EXPECT_EQ(same.body(), "");
      EXPECT_FALSE(same.has("Content-Length"));
      EXPECT_EQ(same.after, AfterResponse::kKeepAlive);
    }
    EXPECT_TRUE(page(kPage, lines + "If-None-Match: \"x\"\r\n").starts_with("HTTP/1.1 200 "));
  }
  // What is kept is one of two representations, and the other one is asked for.
  const std::string other = page(kPage).field("ETag");
  EXPECT_TRUE(page(kPage, gzip + "If-None-Match: " + other + "\r\n").starts_with("HTTP/1.1 200 "));
}

TEST(Site, HeadOfAPageSaysTheSameWithoutTheBody) {
  for (const char* lines : {"", "Accept-Encoding: gzip\r\n"}) {
    const Answer got = page(kPage, lines);
    const Answer head = page(kPage, lines, "HEAD");
    EXPECT_EQ(head.text, got.text.substr(0, got.text.size() - got.body().size()));
  }
}

TEST(Site, APageMayLoadNothingFromElsewhereAndAskForWhatACallNeeds) {
  const Answer found = page(kPage);
  EXPECT_EQ(found.field("Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'");
  EXPECT_TRUE(found.field("Permissions-Policy")
                  .starts_with("camera=(self), microphone=(self), display-capture=(self), "));
  EXPECT_TRUE(found.has("geolocation=()"));
  EXPECT_EQ(found.field("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(found.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(found.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(found.field("Cross-Origin-Resource-Policy"), "same-origin");
}

TEST(Site, DemoPagesAreNotThereWhenItIsOff) {
  const Answer ok = answer("GET /demo/tutorial/ HTTP/1.1\r\nHost: h\r\n\r\n", Demo::kOff);
  EXPECT_TRUE(ok.text.ends_with("\r\n\r\nOK")) << ok.text;
  EXPECT_TRUE(
      answer("GET /demo HTTP/1.1\r\nHost: h\r\n\r\n", Demo::kOff).starts_with("HTTP/1.1 200 "));
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
