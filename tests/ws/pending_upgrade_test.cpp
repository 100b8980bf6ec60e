#include "ws/pending_upgrade.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/head.hpp"
#include "http/parser.hpp"

namespace heliograph::ws {
namespace {

// RFC 6455 section 1.2, with an offer of permessage-deflate.
constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: chat\r\n"
    "Sec-WebSocket-Protocol: superchat\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; unknown\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

// The bytes of the request are gone when this returns.
PendingUpgrade pending(std::string text = std::string(kRequest)) {
  std::vector<http::Field> fields;
  const auto head = http::parse_request_head(as_bytes(text), fields);
  const PendingUpgrade upgrade(*check_upgrade(*head, OriginPolicy::any()));
  text.assign(text.size(), '?');
  return upgrade;
}

TEST(PendingUpgrade, AcceptsWhenTheRequestIsLongGone) {
  const PendingUpgrade upgrade = pending();
  const std::array<http::Field, 1> cookie = {{{"Set-Cookie", "id=1"}}};
  DeflatePool pool;
  const DeflateOptions deflate{.pool = &pool};
  Buffer output;
  const auto accepted =
      upgrade.accept({.subprotocol = "superchat", .deflate = &deflate, .fields = cookie}, output);
  ASSERT_TRUE(accepted);
  ASSERT_TRUE(accepted->deflate);
  EXPECT_EQ(accepted->deflate->parameters(), (DeflateParameters{true, true, 15, 15}));
  EXPECT_EQ(output.text(),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: superchat\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover\r\n"
            "Set-Cookie: id=1\r\n"
            "\r\n");
}

TEST(PendingUpgrade, AcceptsWithoutAnythingThatWasNotAskedFor) {
  Buffer output;
  const auto accepted = pending().accept({}, output);
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(accepted->deflate);
  EXPECT_EQ(output.text().find("Sec-WebSocket-Protocol"), std::string_view::npos);
  EXPECT_EQ(output.text().find("Sec-WebSocket-Extensions"), std::string_view::npos);
}

TEST(PendingUpgrade, KeepsContextWhereEachConnectionHasAWindow) {
  DeflatePool pool;
  for (const DeflateMemory memory : {DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
    const DeflateOptions deflate{.pool = &pool, .memory = memory, .client_max_window_bits = 10};
    Buffer output;
    const auto accepted = pending().accept({.deflate = &deflate}, output);
    ASSERT_TRUE(accepted && accepted->deflate);
    EXPECT_EQ(accepted->deflate->parameters(), (DeflateParameters{false, false, 15, 10}));
  }
}

TEST(PendingUpgrade, WithASpentBudgetTheExtensionIsDeclinedAndNotTheConnection) {
  DeflatePool pool;
  DeflateBudget budget(deflate_cost(Role::kServer, {}, DeflateMemory::kWindow));
  const DeflateOptions deflate{.pool = &pool, .budget = &budget, .memory = DeflateMemory::kWindow};
  Buffer output;
  auto first = pending().accept({.deflate = &deflate}, output);
  ASSERT_TRUE(first && first->deflate);
  output.clear();
  const auto second = pending().accept({.deflate = &deflate}, output);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->deflate);
  EXPECT_EQ(output.text().find("Sec-WebSocket-Extensions"), std::string_view::npos);
  first.reset();
  const auto third = pending().accept({.deflate = &deflate}, output);
  EXPECT_TRUE(third && third->deflate);
}

TEST(PendingUpgrade, SaysOnlyWhatAClientCanRead) {
  const std::vector<http::Field> unwritable = {
      {"A", "b\r\nC: d"}, {"A", "b\n"}, {"A", std::string_view("b\0", 2)}, {"A B", "c"}, {"", "d"}};
  std::vector<http::Field> bad = unwritable;
  for (const std::string_view name :
       {"Upgrade", "connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding", "Trailer"}) {
    bad.push_back({name, "x"});
  }
  const PendingUpgrade upgrade = pending();
  DeflatePool pool;
  DeflateBudget budget(1 << 20);
  const DeflateOptions deflate{.pool = &pool, .budget = &budget};
  for (const http::Field& field : bad) {
    Buffer output;
    EXPECT_FALSE(upgrade.accept({.deflate = &deflate, .fields = {&field, 1}}, output));
    EXPECT_FALSE(PendingUpgrade::reject({.status = 403, .fields = {&field, 1}}, output));
    EXPECT_TRUE(output.empty()) << field.name;
    EXPECT_EQ(budget.reserved(), 0U);
  }
  for (const std::string_view subprotocol :
       {"other", "Chat", "chat, superchat", "a b", "chat\r\n"}) {
    Buffer output;
    EXPECT_FALSE(upgrade.accept({.subprotocol = subprotocol}, output)) << subprotocol;
    EXPECT_TRUE(output.empty());
  }
}

TEST(PendingUpgrade, RejectsWithTheStatusAndFieldsThatItIsGiven) {
  const std::array<http::Field, 1> challenge = {{{"WWW-Authenticate", "Bearer"}}};
  Buffer output;
  ASSERT_TRUE(PendingUpgrade::reject({.status = 401, .fields = challenge, .body = "who?"}, output));
  EXPECT_EQ(output.text(),
            "HTTP/1.1 401 Unauthorized\r\n"
            "WWW-Authenticate: Bearer\r\n"
            "Connection: close\r\n"
            "Content-Length: 4\r\n"
            "\r\n"
            "who?");
}

TEST(PendingUpgrade, RejectsWithNoStatusThatMeansSomethingElse) {
  for (int status = 0; status < 700; ++status) {
    Buffer output;
    const bool fits = status >= 300 && status <= 599 && status != 304;
    EXPECT_EQ(PendingUpgrade::reject({.status = status}, output), fits) << status;
    EXPECT_EQ(output.empty(), !fits);
  }
}

}  // namespace
}  // namespace heliograph::ws
