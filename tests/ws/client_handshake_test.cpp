#include "ws/client_handshake.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "http/head.hpp"
#include "ws/handshake.hpp"
#include "ws/pending_upgrade.hpp"

namespace heliograph::ws {
namespace {

using Error = ClientHandshakeError;
using Outcome = Result<std::optional<ClientHandshake::Opened>, Error>;

UpgradeOffer offer_of(std::vector<std::string_view> subprotocols) {
  return {.authority = "server.example.com",
          .target = "/chat?room=1",
          .subprotocols = std::move(subprotocols)};
}

// A handshake that has begun, and the request that it sent.
struct Begun {
  Begun() : Begun(offer_of({})) {}
  explicit Begun(const UpgradeOffer& offer) {
    EXPECT_TRUE(handshake.start(offer, output));
    auto parsed = http::parse_request_head(output.bytes(), storage);
    EXPECT_TRUE(parsed) << output.text();
    if (parsed) request = *parsed;
  }

  [[nodiscard]] std::string accept() const {
    return accept_key(request.fields.value("Sec-WebSocket-Key"));
  }
  // A consent, with `from` replaced by `to`.
  [[nodiscard]] std::string response(std::string_view from = {}, std::string_view to = {}) const {
    std::string text =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept() + "\r\n\r\n";
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  Outcome receive(std::string text) {
    MutableBytes input(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
    const Outcome outcome = handshake.receive(input);
    left = input.size();
    return outcome;
  }

  ClientHandshake handshake;
  Buffer output;
  std::vector<http::Field> storage;
  http::RequestHead request;
  std::size_t left = 0;
};

TEST(ClientHandshake, SendsARequestThatTheServerSideTakes) {
  const Begun begun(offer_of({"chat", "superchat"}));
  EXPECT_EQ(begun.request.method, "GET");
  EXPECT_EQ(begun.request.target, "/chat?room=1");
  EXPECT_EQ(begun.request.authority(), "server.example.com");
  const auto upgrade = check_upgrade(begun.request, OriginPolicy::any());
  ASSERT_TRUE(upgrade);
  const std::vector<std::string_view> supported = {"superchat"};
  const auto offered = upgrade->fields.joined("Sec-WebSocket-Protocol");
  EXPECT_EQ(choose_subprotocol(offered, supported), "superchat");
}

TEST(ClientHandshake, ChoosesANewKeyEachTime) {
  std::set<std::string> keys;
  for (int i = 0; i < 20; ++i) {
    const std::string key(Begun().request.fields.value("Sec-WebSocket-Key"));
    EXPECT_EQ(base64_decode(key).value().size(), 16U);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 20U);
}

TEST(ClientHandshake, OffersNoSubprotocolUnlessItHasOne) {
  EXPECT_EQ(Begun().request.fields.find("Sec-WebSocket-Protocol"), nullptr);
}

TEST(ClientHandshake, WritesNothingThatWouldBeReadOtherwise) {
  using Offer = UpgradeOffer;
  for (const Offer& offer :
       {Offer{.authority = "a\r\nb", .target = "/", .subprotocols = {}},
        Offer{.authority = "", .target = "/", .subprotocols = {}},
        Offer{.authority = "a", .target = "/ HTTP/1.1", .subprotocols = {}},
        Offer{.authority = "a", .target = "", .subprotocols = {}},
        Offer{.authority = "a", .target = "chat", .subprotocols = {}},
        Offer{.authority = "a", .target = "/", .subprotocols = {"two words"}},
        Offer{.authority = "a",
              .target = "/",
              .subprotocols = {},
              .deflate = DeflateParameters{.server_max_window_bits = 8}},
        Offer{.authority = "a",
              .target = "/",
              .subprotocols = {},
              .deflate = DeflateParameters{.client_max_window_bits = 16}},
        Offer{.authority = "a", .target = "/", .subprotocols = {}, .fields = {{"A", "b\r\nC: d"}}},
        Offer{.authority = "a", .target = "/", .subprotocols = {}, .fields = {{"host", "b"}}},
        Offer{.authority = "a", .target = "/", .subprotocols = {}, .fields = {{"A:", "b"}}}}) {
    ClientHandshake handshake;
    Buffer output;
    EXPECT_FALSE(handshake.start(offer, output)) << offer.authority << ' ' << offer.target;
    EXPECT_TRUE(output.empty());
  }
}

TEST(ClientHandshake, OpensWithTheServerSidesConsent) {
  Begun begun(offer_of({"chat"}));
  Buffer consent;
  const auto upgrade = check_upgrade(begun.request, OriginPolicy::any());
  ASSERT_TRUE(PendingUpgrade(*upgrade).accept({.subprotocol = "chat"}, consent));
  const Outcome outcome = begun.receive(std::string(consent.text()) + "frames");
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((*outcome)->subprotocol, "chat");
  EXPECT_EQ((*outcome)->deflate, std::nullopt);
  EXPECT_EQ(begun.left, 6U);
  EXPECT_EQ(begun.handshake.status(), 101);
}

TEST(ClientHandshake, AgreesWithTheServerSideOnDeflate) {
  const DeflateParameters wanted{.server_max_window_bits = 12, .client_max_window_bits = 11};
  Begun begun({.authority = "a", .target = "/", .subprotocols = {}, .deflate = wanted});
  DeflatePool pool;
  const DeflateOptions options{
      .pool = &pool, .memory = DeflateMemory::kWindow, .server_max_window_bits = 10};
  Buffer consent;
  const auto accepted = PendingUpgrade(*check_upgrade(begun.request, OriginPolicy::any()))
                            .accept({.deflate = &options}, consent);
  const Outcome outcome = begun.receive(std::string(consent.text()) + "frames");
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->deflate, accepted->deflate->parameters());
  EXPECT_EQ((*outcome)->deflate, (DeflateParameters{false, false, 10, 11}));
  EXPECT_EQ(begun.left, 6U);
}

TEST(ClientHandshake, TakesNoForDeflate) {
  Begun begun(
      {.authority = "a", .target = "/", .subprotocols = {}, .deflate = DeflateParameters{}});
  const Outcome outcome = begun.receive(begun.response());
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->deflate, std::nullopt);
}

TEST(ClientHandshake, RefusesAnAnswerThatItsOfferDoesNotAllow) {
  for (const std::string_view answer :
       {"permessage-deflate; server_max_window_bits=13", "permessage-deflate; unknown",
        "permessage-deflate, permessage-deflate", "x-webkit-deflate-frame", "permessage-deflate;",
        "permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate"}) {
    Begun begun({.authority = "a",
                 .target = "/",
                 .subprotocols = {},
                 .deflate = DeflateParameters{.server_max_window_bits = 12}});
    const Outcome outcome = begun.receive(
        begun.response("Upgrade: websocket",
                       "Upgrade: websocket\r\nSec-WebSocket-Extensions: " + std::string(answer)));
    ASSERT_FALSE(outcome) << answer;
    EXPECT_EQ(outcome.error(), Error::kUnofferedExtension);
  }
}

TEST(ClientHandshake, SendsTheCallersFields) {
  const Begun begun({.authority = "a",
                     .target = "/",
                     .subprotocols = {},
                     .fields = {{"Origin", "https://a"}, {"Cookie", "b=c"}}});
  EXPECT_EQ(begun.request.fields.value("Origin"), "https://a");
  EXPECT_EQ(begun.request.fields.value("Cookie"), "b=c");
}

TEST(ClientHandshake, OpensByteByByte) {
  Begun begun;
  const std::string response = begun.response();
  for (std::size_t i = 0; i + 1 < response.size(); ++i) {
    const Outcome outcome = begun.receive(response.substr(i, 1));
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
  }
  const Outcome outcome = begun.receive("\n");
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((*outcome)->subprotocol, "");
}

TEST(ClientHandshake, TakesFieldsInAnyCase) {
  EXPECT_TRUE(Begun().receive("").has_value());
  Begun upgrade;
  EXPECT_TRUE(upgrade.receive(upgrade.response("Upgrade: websocket", "upgrade: WebSocket")));
  Begun connection;
  EXPECT_TRUE(connection.receive(
      connection.response("Connection: Upgrade", "CONNECTION: keep-alive, upgrade")));
}

// RFC 9110 section 15.2: "A client MUST be able to parse one or more 1xx responses received prior
// to a final response, even if the client does not expect one."
TEST(ClientHandshake, TakesInterimResponsesAtTheLimitAndRefusesOnePast) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    for (const std::size_t more : {0U, 1U}) {
      Begun begun;
      std::string interim;
      for (std::size_t i = 0; i < kMaxInterimResponses + more; ++i) {
        interim += i % 2 == 0 ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                              : "HTTP/1.1 100 Continue\r\n\r\n";
      }
      const std::string stream = interim + begun.response();
      std::optional<Error> error;
      bool opened = false;
      for (std::size_t at = 0; at < stream.size() && !error; at += std::min(piece, stream.size())) {
        const Outcome outcome = begun.receive(stream.substr(at, piece));
        if (!outcome) error = outcome.error();
        opened = outcome && *outcome;
      }
      EXPECT_EQ(opened, more == 0);
      EXPECT_EQ(error, more == 0 ? std::nullopt : std::optional(Error::kTooManyInterimResponses));
    }
  }
}

TEST(ClientHandshake, HasNoStatusBeforeTheFinalResponse) {
  Begun begun;
  const Outcome outcome = begun.receive("HTTP/1.1 103 Early Hints\r\n\r\n");
  ASSERT_TRUE(outcome && !*outcome);
  EXPECT_EQ(begun.handshake.status(), 0);
  EXPECT_EQ(begun.receive("HTTP/1.1 404 Not Found\r\n\r\n").error(), Error::kRefused);
  EXPECT_EQ(begun.handshake.status(), 404);
}

struct Refusal {
  std::string_view from;
  std::string_view to;
  Error error;
};

TEST(ClientHandshake, RefusesEveryOtherAnswer) {
  const std::vector<Refusal> refusals = {
      {"HTTP/1.1 101", "HTTP/2 101", Error::kMalformedResponse},
      {"HTTP/1.1 101", "HTTP/1.0 101", Error::kHttpVersion},
      {"101 Switching Protocols", "301 Moved Permanently", Error::kRedirected},
      {"101 Switching Protocols", "200 OK", Error::kRefused},
      {"101 Switching Protocols", "403 Forbidden", Error::kRefused},
      {"Upgrade: websocket\r\n", "", Error::kWrongUpgrade},
      {"Upgrade: websocket", "Upgrade: h2c, websocket", Error::kWrongUpgrade},
      {"Upgrade: websocket\r\n", "Upgrade: websocket\r\nUpgrade: websocket\r\n",
       Error::kRepeatedField},
      {"Connection: Upgrade\r\n", "", Error::kMissingConnection},
      {"Connection: Upgrade", "Connection: keep-alive", Error::kMissingConnection},
      {"Sec-WebSocket-Accept", "X-Accept", Error::kMissingAccept},
      {"Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: A", Error::kWrongAccept},
      {"Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate",
       Error::kUnofferedExtension},
      {"Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: superchat",
       Error::kUnofferedSubprotocol},
      {"Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: Chat",
       Error::kUnofferedSubprotocol}};
  for (const Refusal& refusal : refusals) {
    Begun begun(offer_of({"chat"}));
    const Outcome outcome = begun.receive(begun.response(refusal.from, refusal.to) + "more");
    ASSERT_FALSE(outcome) << refusal.to;
    EXPECT_EQ(outcome.error(), refusal.error) << refusal.to;
    EXPECT_EQ(begun.left, 0U);
    // Discards from then on.
    const Outcome later = begun.receive(begun.response());
    EXPECT_TRUE(later && !*later);
  }
}

TEST(ClientHandshake, RefusesTheAnswerToAnotherKey) {
  Begun begun;
  const Begun other;
  EXPECT_EQ(begun.receive(other.response()).error(), Error::kWrongAccept);
}

TEST(ClientHandshake, SaysWhatTheServerSaid) {
  Begun refused;
  EXPECT_FALSE(refused.receive("HTTP/1.1 404 Not Found\r\n\r\n"));
  EXPECT_EQ(refused.handshake.status(), 404);
  Begun malformed;
  EXPECT_FALSE(malformed.receive("SSH-2.0-OpenSSH\r\n\r\n"));
  EXPECT_EQ(malformed.handshake.http_error(), http::Error::kMalformedVersion);
}

TEST(ClientHandshake, ReadsNoHeadWithoutEnd) {
  for (const std::size_t size : {http::kMaxHeadSize, http::kMaxHeadSize + 1}) {
    Begun begun;
    std::string response = begun.response("Upgrade", "X: \r\nUpgrade");
    response.insert(response.find("X: ") + 3, size - response.size(), 'x');
    const Outcome outcome = begun.receive(response);
    EXPECT_EQ(outcome.has_value(), size == http::kMaxHeadSize);
  }
}

TEST(ClientHandshakeError, IsDescribedInOneLine) {
  for (int i = 0; i <= static_cast<int>(kLastClientHandshakeError); ++i) {
    const std::string_view text = describe(static_cast<Error>(i));
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find('\n'), std::string_view::npos);
    EXPECT_FALSE(text.ends_with('.'));
  }
}

}  // namespace
}  // namespace heliograph::ws
