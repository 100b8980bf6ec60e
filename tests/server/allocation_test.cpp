// What a message costs in calls of malloc, and an idle client in bytes, counted over the whole of
// the server: from epoll to the socket, through TLS and WebSocket.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/slot_table.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/session.hpp"
#include "tests/server/wss_loop.hpp"

namespace heliograph::server {
namespace {

using test::WssClient;
using test::WssLoop;
using Kind = ClientLoop::Event::Kind;

constexpr int kMessages = 100;

// Sends messages back, as they are or after having made a copy.
struct Echo : WssLoop {
  explicit Echo(const Limits& limits = Limits::none()) : WssLoop(limits) {
    on_event = [this](const ClientLoop::Event& event) {
      if (event.kind != Kind::kMessage) return;
      std::vector<std::uint8_t> copy;
      if (copies) copy.assign(event.data.begin(), event.data.end());
      const Bytes message = copies ? Bytes(copy) : Bytes(event.data);
      loop->send(event.client, event.opcode, {&message, 1});
    };
  }

  // Calls of malloc while this is said and heard so many times.
  std::size_t allocations_of(WssClient& client, std::string_view text) {
    const std::size_t before = meter.allocations();
    for (int i = 0; i < kMessages; ++i) {
      client.say(text);
      EXPECT_EQ(client.hear(), text);
    }
    return meter.allocations() - before;
  }

  bool copies = false;
};

TEST(Allocation, AnEchoOverTlsTakesNone) {
  Echo echo;
  WssClient client(echo);
  const std::string text(64, 'x');
  echo.allocations_of(client, text);
  EXPECT_EQ(echo.allocations_of(client, text), 0U);
}

TEST(Allocation, ALongEchoOverTlsTakesNone) {
  Echo echo;
  WssClient client(echo);
  const std::string text(4000, 'x');
  echo.allocations_of(client, text);
  EXPECT_EQ(echo.allocations_of(client, text), 0U);
}

// The control.
TEST(Allocation, AnEchoOfCopiesIsFoundOut) {
  Echo echo;
  WssClient client(echo);
  const std::string text(64, 'x');
  echo.allocations_of(client, text);
  echo.copies = true;
  EXPECT_EQ(echo.allocations_of(client, text), std::size_t{kMessages});
}

// Two users in a call: what one says is brought to the other, as the exchange of a worker does it.
class Relay : public WssLoop {
 public:
  explicit Relay(signal::Dialect& dialect) {
    on_event = [this, &dialect](const ClientLoop::Event& event) {
      if (event.kind == Kind::kUpgrade) {
        sessions_.emplace(event.client, signal::Address{.connection = event.client}, settings_,
                          dialect);
        ids_.push_back(event.client);
      }
      if (event.kind != Kind::kMessage) return;
      sessions_.find(event.client)->receive(event.data, loop->now(), said_);
      perform(event.client, said_);
    };
  }

 private:
  // Every password is right, and every name is free.
  void perform(SlotId id, signal::Effects& effects) {
    using Effect = signal::Effect::Kind;
    signal::LoginId login = 0;
    for (const signal::Effect& effect : effects.list()) {
      if (effect.kind == Effect::kCheckCredential) login = effect.login;
      if (effect.kind == Effect::kReply) send_reply(id, effect.reply);
      if (effect.kind == Effect::kSend) deliver(effect.envelope);
    }
    effects.clear();
    if (login == 0) return;
    signal::Session& session = *sessions_.find(id);
    session.credential_checked(login, true, loop->now(), effects);
    effects.clear();
    session.name_claimed(login, true, loop->now(), effects);
    perform(id, effects);
  }

  void deliver(const signal::Envelope& envelope) {
    for (const SlotId id : ids_) {
      if (sessions_.find(id)->name() != envelope.to) continue;
      sessions_.find(id)->deliver(envelope, loop->now(), told_);
      for (const signal::Effect& effect : told_.list()) send_reply(id, effect.reply);
      told_.clear();
    }
  }

  void send_reply(SlotId id, const signal::Reply& reply) {
    std::array<Bytes, signal::Reply::kMaxPieces> pieces;
    for (std::size_t i = 0; i < reply.count; ++i) pieces[i] = as_bytes(reply.storage[i]);
    loop->send(id, ws::Opcode::kText, std::span(pieces).first(reply.count));
  }

  signal::Settings settings_;
  SlotTable<signal::Session> sessions_;
  std::vector<SlotId> ids_;
  signal::Effects said_;
  signal::Effects told_;
};

std::string login_as(std::string_view name) {
  return std::string(R"({"type":"login","password":"secret","name":")").append(name) + "\"}";
}

// Calls of malloc for so many candidates of a call that there is.
std::size_t allocations_of_candidates(signal::Dialect& dialect, std::string_view offer,
                                      std::string_view candidate) {
  Relay relay(dialect);
  WssClient user1(relay);
  WssClient user2(relay);
  user1.say(login_as("user1"));
  user1.hear();
  user2.say(login_as("the-other-user"));
  user2.hear();
  user1.say(offer);
  user2.hear();
  std::size_t before = 0;
  for (int i = 0; i < 2 * kMessages; ++i) {
    if (i == kMessages) before = relay.meter.allocations();
    user1.say(candidate);
    EXPECT_THAT(std::string(user2.hear()), testing::HasSubstr("candidate"));
  }
  return relay.meter.allocations() - before;
}

const std::string kCandidate =
    R"({"sdpMLineIndex":0,"sdpMid":"0","candidate":"candidate:842163049 1 udp 1677729535 192.0.2.7"})";

TEST(Allocation, ARelayedCandidateTakesNoneInTheDialectOfTheTutorial) {
  signal::TutorialDialect dialect;
  EXPECT_EQ(allocations_of_candidates(
                dialect, R"({"type":"offer","offer":{},"name":"the-other-user"})",
                R"({"type":"candidate","name":"the-other-user","candidate":)" + kCandidate + "}"),
            0U);
}

TEST(Allocation, ARelayedCandidateTakesNoneInHeliographV1) {
  signal::HeliographDialect dialect;
  EXPECT_EQ(allocations_of_candidates(
                dialect, R"({"type":"offer","call":"c-1","offer":{},"to":"the-other-user"})",
                R"({"type":"candidate","call":"c-1","to":"the-other-user","candidate":)" +
                    kCandidate + "}"),
            0U);
}

// The control: a call that has to be decoded is a text of its own.
TEST(Allocation, ARelayedCandidateWithEscapesIsFoundOut) {
  signal::HeliographDialect dialect;
  EXPECT_GE(
      allocations_of_candidates(
          dialect, R"({"type":"offer","call":"call-0123456789","offer":{},"to":"the-other-user"})",
          R"({"type":"candidate","call":"\u0063all-0123456789","to":"the-other-user","candidate":)" +
              kCandidate + "}"),
      std::size_t{kMessages});
}

// What a client costs that has its WebSocket open and says nothing, in bytes of malloc, where the
// ciphers of so many others are kept.
std::ptrdiff_t held_by_a_client(std::size_t ready_ciphers,
                                const std::function<void(WssClient&)>& does) {
  constexpr int kClients = 128;
  Limits limits = Limits::none();
  limits.ready_ciphers = ready_ciphers;
  Echo echo(limits);
  std::vector<std::unique_ptr<WssClient>> clients;
  const auto add = [&] {
    for (int i = 0; i < kClients; ++i) {
      clients.push_back(std::make_unique<WssClient>(echo));
      does(*clients.back());
    }
    echo.turn();
  };
  add();
  const std::ptrdiff_t before = echo.meter.held();
  add();
  return (echo.meter.held() - before) / kClients;
}

constexpr std::ptrdiff_t kLimit = 2560;
constexpr std::size_t kFew = 16;
constexpr std::size_t kAll = 1024;

void say_nothing(WssClient& /*client*/) {}

void say_hello(WssClient& client) {
  client.say("hello");
  EXPECT_EQ(client.hear(), "hello");
}

TEST(Memory, AnIdleClientOverTlsHoldsAtMostTwoAndAHalfKibibytes) {
  EXPECT_LE(held_by_a_client(kFew, say_nothing), kLimit);
}

TEST(Memory, AClientThatHasSpokenHoldsNoMore) {
  EXPECT_LE(held_by_a_client(kFew, say_hello), kLimit);
}

// Its answer was larger than what an idle client may hold, and shared its record with others.
TEST(Memory, AClientThatHasSpokenALotHoldsNoMore) {
  const auto say_much = [](WssClient& client) {
    client.say(std::string(3'000, 'm'));
    EXPECT_EQ(client.hear().size(), 3'000U);
  };
  EXPECT_LE(held_by_a_client(kFew, say_much), kLimit);
}

// It is not read from, because it is too fast; so its reset is all that is heard of it, in the turn
// in which somebody else has something to say to it.
TEST(Memory, WhatIsSaidToWhoIsLostMeanwhileDoesNotWait) {
  Limits limits = Limits::none();
  limits.messages = 1;
  WssLoop world(limits);
  SlotId fast = 0;
  world.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind != ClientLoop::Event::Kind::kMessage) return;
    if (as_text(event.data) == "here I am") {
      fast = event.client;
      return;
    }
    const Bytes data = as_bytes("for you");
    world.loop->send(fast, ws::Opcode::kText, {&data, 1});
  };
  auto listener = std::make_unique<WssClient>(world);
  for (int i = 0; i < 3; ++i) listener->say("here I am");
  WssClient(world).say("to it");
  world.turn();
  ASSERT_NE(fast, 0U);
  ASSERT_EQ(world.loop->size(), 2U);
  WssClient other(world);
  listener.reset();  // with something unread: a reset
  other.say("to it");
  world.turn();
  EXPECT_EQ(world.loop->buffered(), 0U);
}

// The controls.
TEST(Memory, AClientWhoseCiphersAreKeptHoldsMore) {
  EXPECT_GT(held_by_a_client(kAll, say_nothing), kLimit);
}

TEST(Memory, AClientThatHasSaidHalfARecordHoldsMore) {
  EXPECT_GT(
      held_by_a_client(kFew, [](WssClient& client) { client.say_half(std::string(2500, 'x')); }),
      kLimit);
}

TEST(Memory, ClientsWhoseCiphersWereGivenBackSpeakAndHearAsBefore) {
  Limits limits = Limits::none();
  limits.ready_ciphers = 1;
  Echo echo(limits);
  WssClient first(echo);
  WssClient second(echo);
  WssClient third(echo);
  for (int i = 0; i < 3; ++i) {
    for (WssClient* client : {&first, &second, &third}) say_hello(*client);
  }
}

// Those who take turns within the limit lose nothing.
TEST(Allocation, AnEchoTakesNoneAsLongAsTheCiphersOfAllClientsAreKept) {
  Limits limits = Limits::none();
  limits.ready_ciphers = 2;
  Echo echo(limits);
  WssClient first(echo);
  WssClient second(echo);
  const auto rounds = [&] {
    for (int i = 0; i < kMessages; ++i) {
      say_hello(first);
      say_hello(second);
    }
  };
  rounds();
  const std::size_t before = echo.meter.allocations();
  rounds();
  EXPECT_EQ(echo.meter.allocations(), before);
}

}  // namespace
}  // namespace heliograph::server
