// The opening request from its first byte to the answer: what a strict server says to each of the
// ways in which one can be wrong, whether it comes whole or byte by byte.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http/head.hpp"
#include "http/parser.hpp"
#include "ws/handshake.hpp"
#include "ws/pending_upgrade.hpp"

namespace heliograph::ws {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr int kIncomplete = 0;

struct Answer {
  int status = kIncomplete;
  std::string response;
  std::string left;  // bytes behind the head

  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer answer_to(const http::RequestHead& head, const OriginPolicy& policy) {
  Buffer output;
  if (!is_upgrade_request(head)) return {.status = 200, .response = {}, .left = {}};
  const auto request = check_upgrade(head, policy);
  if (!request) {
    append_refusal(request.error(), output);
    return {status_for(request.error()), std::string(output.text()), {}};
  }
  EXPECT_TRUE(PendingUpgrade(*request).accept({}, output));
  return {kSwitchingProtocols, std::string(output.text()), {}};
}

Answer ask(const OriginPolicy& policy, std::string_view text, std::size_t segment) {
  http::RequestParser parser;
  for (std::size_t at = 0; at < text.size(); at += segment) {
    const std::string_view part = text.substr(at, segment);
    std::vector<std::uint8_t> bytes(part.begin(), part.end());
    MutableBytes input(bytes);
    const auto head = parser.receive(input);
    if (!head) return {http::status_for(head.error()), {}, {}};
    if (!*head) continue;
    Answer answer = answer_to(**head, policy);
    answer.left =
        std::string(as_text(input)) + std::string(text.substr(std::min(at + segment, text.size())));
    return answer;
  }
  return {};
}

Answer ask(std::string_view text, const OriginPolicy& policy = OriginPolicy::any()) {
  const Answer whole = ask(policy, text, text.size());
  EXPECT_EQ(ask(policy, text, 1), whole) << text;
  EXPECT_EQ(ask(policy, text, 7), whole) << text;
  return whole;
}

constexpr std::string_view kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kVersion = "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view kHost = "Host: server.example.com\r\n";
constexpr std::string_view kUpgrade = "Upgrade: websocket\r\n";
constexpr std::string_view kConnection = "Connection: Upgrade\r\n";

// The request with `more` lines.
std::string request(std::string_view more = {}) {
  return std::string("GET /chat HTTP/1.1\r\n")
      .append(kHost)
      .append(kUpgrade)
      .append(kConnection)
      .append(kKey)
      .append(kVersion)
      .append(more)
      .append("\r\n");
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text = request();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Row {
  std::string_view what;
  std::string request;
  int status;
};

void expect_answers(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(ask(row.request).status, row.status) << row.what << ":\n" << row.request;
  }
}

TEST(WsOpening, NeedsEachPartOfTheRequest) {
  expect_answers({
      {"nothing is wrong", request(), 101},
      {"POST", replaced("GET", "POST"), 405},
      {"HTTP/1.0", replaced("HTTP/1.1", "HTTP/1.0"), 400},
      {"HTTP/2.0", replaced("HTTP/1.1", "HTTP/2.0"), 505},
      {"no Host", replaced(kHost, ""), 400},
      {"two Hosts", request(kHost), 400},
      {"a Host that is none", replaced("server.example.com", "a b"), 400},
      {"no Upgrade", replaced(kUpgrade, ""), 400},
      {"no Connection", replaced(kConnection, ""), 400},
      {"Connection: close", replaced("Connection: Upgrade", "Connection: close"), 400},
      {"lists with the tokens among others",
       replaced("Connection: Upgrade", "Connection: keep-alive\r\nConnection: , UPGRADE"), 101},
      {"a token that only contains the word",
       replaced("Connection: Upgrade", "Connection: no-upgrade"), 400},
      {"no version", replaced(kVersion, ""), 426},
      {"version 12", replaced(": 13", ": 12"), 426},
      {"two versions", request(kVersion), 400},
      {"no key", replaced(kKey, ""), 400},
      {"two keys", request(kKey), 400},
      {"a key that is no base64", replaced("dGhlIHNhbXBsZSBub25jZQ==", "!!!!!!!!!!!!!!!!!!!!!!=="),
       400},
      {"a short key", replaced("dGhlIHNhbXBsZSBub25jZQ==", "abc"), 400},
      {"two Origins", request("Origin: http://a\r\nOrigin: http://a\r\n"), 400},
  });
}

// What two implementations could read as different requests.
TEST(WsOpening, RefusesWhatCouldBeReadInTwoWays) {
  expect_answers({
      {"a body of known length", request("Content-Length: 5\r\n"), 400},
      {"no body", request("Content-Length: 0\r\n"), 101},
      {"no body, twice", request("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
      {"lengths that disagree", request("Content-Length: 0\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", request("Content-Length: 0, 0\r\n"), 400},
      {"an empty length", request("Content-Length:\r\n"), 400},
      {"a length with a sign", request("Content-Length: +0\r\n"), 400},
      {"a length that is no number", request("Content-Length: 0x0\r\n"), 400},
      {"chunks", request("Transfer-Encoding: chunked\r\n"), 400},
      {"an encoding without a name", request("Transfer-Encoding:\r\n"), 400},
      {"an encoding in another case", request("transfer-ENCODING: identity\r\n"), 400},
      {"both", request("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"LF for a line", replaced("Host: server.example.com\r\n", "Host: server.example.com\n"),
       400},
      {"LF for the blank line", request().substr(0, request().size() - 2) + "\n", 400},
      {"CR alone", request("A: b\rC: d\r\n"), 400},
      {"a folded field", request("A: b\r\n c\r\n"), 400},
      {"a folded field, by a tab", request("A: b\r\n\tc\r\n"), 400},
      {"a space before the colon", replaced("Host:", "Host :"), 400},
      {"a tab before the colon", replaced("Host:", "Host\t:"), 400},
      {"a space before the first field", replaced("Host:", " Host:"), 400},
      {"no colon", request("Host\r\n"), 400},
      {"no name", request(": a\r\n"), 400},
      {"NUL in a value", request(std::string("A: b\0c\r\n", 8)), 400},
      {"NUL in a name", request(std::string("A\0: b\r\n", 7)), 400},
      {"a control character in a value", request("A: \x01\r\n"), 400},
      {"DEL in a value", request("A: \x7f\r\n"), 400},
      {"a tab in a value", request("A: b\tc\r\n"), 101},
      {"bytes beyond ASCII in a value", request("A: \xc3\xa4\r\n"), 101},
      {"a space in the target", replaced("/chat", "/chat room"), 400},
      {"two spaces behind the method", replaced("GET /", "GET  /"), 400},
      {"bytes beyond ASCII in the target", replaced("/chat", "/\xc3\xa4"), 400},
      {"an absolute target", replaced("/chat", "http://server.example.com/chat"), 101},
      {"an absolute target without a host", replaced("/chat", "http:///chat"), 400},
      {"an authority for a target", replaced("/chat", "server.example.com:443"), 400},
      {"a blank line in front", "\r\n" + request(), 400},
      {"the beginning of TLS", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
  });
}

TEST(WsOpening, TellsWhichVersionItSpeaks) {
  const Answer answer = ask(replaced(": 13", ": 8"));
  EXPECT_EQ(answer.status, 426);
  EXPECT_NE(answer.response.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
  EXPECT_NE(answer.response.find("\r\nUpgrade: websocket\r\n"), std::string::npos);
}

TEST(WsOpening, KeepsTheBytesBehindTheBlankLine) {
  const std::string early = std::string("\x81\x80\x00\x00\x00\x00", 6) + "GET / HTTP/1.1\r\n\r\n";
  const Answer answer = ask(request() + early);
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.left, early);
}

TEST(WsOpening, TakesAHeadAtItsLimitsAndRefusesOnePast) {
  const auto padded = [](std::size_t size) {
    const std::size_t others = request("A: \r\n").size();
    return request("A: " + std::string(size - others, 'x') + "\r\n");
  };
  EXPECT_EQ(ask(padded(http::kMaxHeadSize)).status, 101);
  EXPECT_EQ(ask(padded(http::kMaxHeadSize + 1)).status, 431);
  std::string fields;
  for (std::size_t i = 5; i < http::kMaxFields; ++i) fields += "A: b\r\n";
  EXPECT_EQ(ask(request(fields)).status, 101);
  EXPECT_EQ(ask(request(fields + "A: b\r\n")).status, 431);
  // A request line has the whole head for itself, and nothing more.
  EXPECT_EQ(ask("GET /" + std::string(http::kMaxHeadSize, 'x')).status, 414);
}

TEST(WsOpening, AsksForNothingWhenTheRequestIsNotThereYet) {
  const std::string whole = request();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(ask(OriginPolicy::any(), std::string_view(whole).substr(0, size), 16).status,
              kIncomplete);
  }
}

TEST(WsOpening, ComparesOriginsAsParsed) {
  struct Case {
    std::string_view origin;
    bool same;
    bool listed;
  };
  const OriginPolicy list = OriginPolicy::list(
      {*parse_origin("https://app.example.com"), *parse_origin("http://localhost:9000")});
  const std::vector<Case> cases = {
      {"http://server.example.com", true, false},
      {"HTTP://SERVER.EXAMPLE.COM:80", true, false},
      {"https://server.example.com", true, false},
      {"http://server.example.com:81", false, false},
      {"http://xserver.example.com", false, false},
      {"http://server.example.com.evil.example", false, false},
      {"http://evil.example/server.example.com", false, false},
      {"http://server.example.com@evil.example", false, false},
      {"https://app.example.com", false, true},
      {"https://APP.example.com:443", false, true},
      {"http://app.example.com", false, false},
      {"https://app.example.com:444", false, false},
      {"https://app.example.com/", false, false},
      {"http://localhost:9000", false, true},
      {"http://localhost:90000", false, false},
      {"null", false, false},
      {"", false, false},
  };
  for (const Case& test : cases) {
    const std::string text = request("Origin: " + std::string(test.origin) + "\r\n");
    EXPECT_EQ(ask(text).status, 101) << test.origin;
    EXPECT_EQ(ask(text, OriginPolicy::same()).status, test.same ? 101 : 403) << test.origin;
    EXPECT_EQ(ask(text, list).status, test.listed ? 101 : 403) << test.origin;
  }
  // Who says nothing is no page.
  EXPECT_EQ(ask(request(), OriginPolicy::same()).status, 101);
}

}  // namespace
}  // namespace heliograph::ws
