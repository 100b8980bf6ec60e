#include "ws/handshake.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "http/head.hpp"
#include "http/parser.hpp"

namespace heliograph::ws {
namespace {

// RFC 6455 section 1.2.
constexpr std::string_view kExample =
    "GET /chat HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Origin: http://example.com\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

// A request that has been read, with the bytes that its views point to.
class Request {
 public:
  explicit Request(std::string text) : text_(std::move(text)) {
    auto head = http::parse_request_head(as_bytes(text_), fields_);
    EXPECT_TRUE(head.has_value()) << text_;
    if (head) head_ = *head;
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  [[nodiscard]] const http::RequestHead& head() const { return head_; }
  [[nodiscard]] Result<UpgradeRequest, HandshakeError> check(
      const OriginPolicy& policy = OriginPolicy::any()) const {
    return check_upgrade(head_, policy);
  }

 private:
  std::string text_;
  std::vector<http::Field> fields_;
  http::RequestHead head_;
};

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kExample);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string with_field(std::string_view line) {
  return replaced("Host:", std::string(line) + "\r\nHost:");
}

std::optional<HandshakeError> error_of(std::string text) {
  const Request request(std::move(text));
  const auto upgrade = request.check();
  return upgrade ? std::nullopt : std::optional(upgrade.error());
}

TEST(WsHandshake, AcceptsTheStandardsExample) {
  const Request request{std::string(kExample)};
  EXPECT_TRUE(is_upgrade_request(request.head()));
  const auto upgrade = request.check();
  ASSERT_TRUE(upgrade.has_value());
  EXPECT_EQ(upgrade->path, "/chat");
  EXPECT_EQ(upgrade->authority, "server.example.com");
  EXPECT_EQ(upgrade->origin, "http://example.com");
}

// RFC 6455 section 1.3.
TEST(WsHandshake, MakesTheStandardsAcceptKey) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WsHandshake, RefusesWhatBreaksARule) {
  struct Case {
    std::string request;
    std::optional<HandshakeError> expected;
  };
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::vector<Case> cases = {
      {replaced("GET", "POST"), HandshakeError::kMethodNotGet},
      {replaced("GET", "get"), HandshakeError::kMethodNotGet},
      {replaced("GET", "HEAD"), HandshakeError::kMethodNotGet},
      {replaced("HTTP/1.1", "HTTP/1.0"), HandshakeError::kHttpVersion},
      {replaced("Upgrade: websocket\r\n", ""), HandshakeError::kMissingUpgrade},
      {replaced("websocket", "h2c"), HandshakeError::kMissingUpgrade},
      {replaced("websocket", "websockets"), HandshakeError::kMissingUpgrade},
      {replaced("websocket", "h2c, WebSocket"), std::nullopt},
      {replaced("Connection: Upgrade\r\n", ""), HandshakeError::kMissingConnection},
      {replaced(": Upgrade", ": keep-alive"), HandshakeError::kMissingConnection},
      {replaced(": Upgrade", ": keep-alive, upgrade"), std::nullopt},
      {replaced("Sec-WebSocket-Version: 13\r\n", ""), HandshakeError::kMissingVersion},
      {replaced(": 13", ": 8"), HandshakeError::kUnsupportedVersion},
      {replaced(": 13", ": 013"), HandshakeError::kUnsupportedVersion},
      {replaced(": 13", ": 13, 8"), HandshakeError::kUnsupportedVersion},
      {replaced(": 13", ":"), HandshakeError::kUnsupportedVersion},
      {replaced(key, ""), HandshakeError::kMissingKey},
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", ""), HandshakeError::kMalformedKey},
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", "abc"), HandshakeError::kMalformedKey},
      // 15 and 17 bytes, bytes that are no base64, and unused bits that are set.
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"), HandshakeError::kMalformedKey},
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZWU="),
       HandshakeError::kMalformedKey},
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", "!!!!!!!!!!!!!!!!!!!!!!=="),
       HandshakeError::kMalformedKey},
      {replaced("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR=="),
       HandshakeError::kMalformedKey},
      {with_field("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), HandshakeError::kRepeatedField},
      {with_field("sec-websocket-version: 13"), HandshakeError::kRepeatedField},
      {with_field("Origin: http://example.com"), HandshakeError::kRepeatedField},
      {with_field("Sec-WebSocket-Protocol: more"), std::nullopt},
      {with_field("Sec-WebSocket-Extensions: permessage-deflate"), std::nullopt},
      {with_field("Transfer-Encoding: chunked"), HandshakeError::kTransferEncoding},
      {with_field("Transfer-Encoding: identity"), HandshakeError::kTransferEncoding},
      {with_field("Content-Length: 5"), HandshakeError::kContentLength},
      {with_field("Content-Length: 00"), HandshakeError::kContentLength},
      {with_field("Content-Length: 0"), std::nullopt},
  };
  for (const Case& test : cases) EXPECT_EQ(error_of(test.request), test.expected) << test.request;
}

TEST(WsHandshake, RefusesAnOriginByThePolicy) {
  const Request request{std::string(kExample)};
  const auto upgrade = request.check(OriginPolicy::same());
  ASSERT_FALSE(upgrade.has_value());
  EXPECT_EQ(upgrade.error(), HandshakeError::kOriginRefused);
  EXPECT_TRUE(request.check(OriginPolicy::list({*parse_origin("http://example.com")})));
  const Request same(replaced("http://example.com", "https://server.example.com"));
  EXPECT_TRUE(same.check(OriginPolicy::same()).has_value());
}

TEST(WsHandshake, APlainRequestDoesNotAskForAWebSocket) {
  EXPECT_FALSE(is_upgrade_request(Request("GET / HTTP/1.1\r\nHost: l\r\n\r\n").head()));
  EXPECT_FALSE(is_upgrade_request(
      Request("GET / HTTP/1.1\r\nHost: l\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").head()));
  EXPECT_TRUE(is_upgrade_request(
      Request("GET / HTTP/1.1\r\nHost: l\r\nUpgrade: WebSocket\r\n\r\n").head()));
  EXPECT_TRUE(is_upgrade_request(
      Request("GET / HTTP/1.1\r\nHost: l\r\nSec-WebSocket-Key: x\r\n\r\n").head()));
  EXPECT_TRUE(is_upgrade_request(
      Request("GET / HTTP/1.1\r\nHost: l\r\nSec-WebSocket-Version: 13\r\n\r\n").head()));
}

TEST(WsHandshake, ChoosesTheClientsFirstSubprotocolThatIsSupported) {
  const auto choose = [](std::string text, std::vector<std::string_view> supported) {
    const Request request(std::move(text));
    const auto offered = request.check()->fields.joined("Sec-WebSocket-Protocol");
    return std::string(choose_subprotocol(offered, supported));
  };
  const std::string offer(kExample);
  EXPECT_EQ(choose(offer, {"superchat", "chat"}), "chat");
  EXPECT_EQ(choose(offer, {"superchat"}), "superchat");
  EXPECT_EQ(choose(offer, {"Chat"}), "");
  EXPECT_EQ(choose(offer, {}), "");
  EXPECT_EQ(choose(with_field("Sec-WebSocket-Protocol: first"), {"chat", "first"}), "first");
  EXPECT_EQ(choose(replaced("Sec-WebSocket-Protocol: chat, superchat\r\n", ""), {"chat"}), "");
}

TEST(WsHandshake, EveryRefusalIsAResponseWithTheFieldsOfItsStatus) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= static_cast<int>(HandshakeError::kOriginRefused); ++i) {
    const auto error = static_cast<HandshakeError>(i);
    EXPECT_TRUE(texts.insert(describe(error)).second) << describe(error);
    Buffer output;
    append_refusal(error, output);
    MutableBytes input = output.mutable_bytes();
    http::ResponseParser parser;
    const auto head = parser.receive(input);
    ASSERT_TRUE(head && *head);
    const http::Fields& fields = (*head)->fields;
    EXPECT_EQ((*head)->status, status_for(error));
    EXPECT_EQ(as_text(input), std::string(describe(error)) + "\n");
    EXPECT_EQ(fields.value("Content-Length"), std::to_string(input.size()));
    EXPECT_TRUE(fields.has_token("Connection", "close"));
    EXPECT_EQ(fields.value("Sec-WebSocket-Version"), (*head)->status == 426 ? "13" : "");
    EXPECT_EQ(fields.value("Upgrade"), (*head)->status == 426 ? "websocket" : "");
    EXPECT_EQ(fields.value("Allow"), (*head)->status == 405 ? "GET" : "");
  }
}

}  // namespace
}  // namespace heliograph::ws
