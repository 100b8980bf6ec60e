// The limits of a loop on a virtual kernel, each at the limit and one past it.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/self_signed.hpp"
#include "server/client_loop.hpp"
#include "tests/server/loop_world.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/credential.hpp"

namespace heliograph::server {
namespace {

using test::client_frame;
using test::EchoWorld;
using test::Peer;
using Kind = ClientLoop::Event::Kind;

constexpr std::uint32_t kHere = 0x0a000001;
constexpr std::uint32_t kThere = 0x0a000002;

std::shared_ptr<const tls::ServerConfig> make_tls() {
  const std::vector<std::string> names = {"localhost"};
  const auto pair = crypto::make_self_signed(names, 1'700'000'000, 30).value();
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(
      tls::load_credential(as_bytes(pair.certificate_pem), pair.private_key_pem, {}).value());
  return config;
}

class LoopLimitsTest : public testing::Test {
 protected:
  void begin(const Limits& limits, const WaterMarks& marks = {.close_above = SIZE_MAX},
             std::shared_ptr<const tls::ServerConfig> tls = nullptr) {
    world_.reset();  // one kernel at a time
    world_ = std::make_unique<EchoWorld>(marks, ChannelOptions{}, limits, std::move(tls));
    world_->on_event = [this](const ClientLoop::Event& event) { note(event); };
  }

  // Everybody goes in the end, and what was counted was counted right.
  void TearDown() override {
    EXPECT_EQ(world_->problem, "");
    for (const auto& peer : world_->peers()) {
      peer->answers_pings = false;
      peer->socket().window = 1 << 24;
    }
    world_->run_to_the_end();
    EXPECT_EQ(world_->problem, "");
    EXPECT_EQ(world_->kernel.open_sockets(), 0U);
    EXPECT_EQ(world_->loop->buffered(), 0U);
    world_->counts.with([](const AddressCounts& counts) {
      EXPECT_EQ(counts.connections(), 0U);
      EXPECT_EQ(counts.handshakes(), 0U);
      EXPECT_EQ(counts.addresses(), 0U);
    });
  }

  void settle() {
    world_->run([this] { return world_->move_all(); });
  }
  void pass(Milliseconds time) {
    world_->run([this] { return world_->move_all(); }, time);
  }

  // One that connects and says nothing.
  int connect_silently(std::uint32_t from) {
    const int number = world_->kernel.connect(from);
    world_->run([] { return false; });
    return number;
  }
  bool closed(int number) { return world_->kernel.socket(number).closed; }

  Peer& open_peer(std::uint32_t from = kHere) {
    Peer& peer = world_->add_peer(from);
    settle();
    return peer;
  }

  void note(const ClientLoop::Event& event) {
    if (event.kind == Kind::kRefused || event.kind == Kind::kClosed) {
      ++told_[std::string(event.reason)];
    }
    if (event.kind == Kind::kTurnEnd) {
      if (!turn_.empty()) turns_.push_back(turn_);
      turn_.clear();
    } else {
      turn_.push_back(event.kind);
    }
  }

  // So much is kept for each of three clients, one of which is cut off if that is too much.
  void expect_kept_of_three(std::size_t each, std::size_t limit, Peer& well) {
    const bool over = limit < 3 * each;
    EXPECT_EQ(told_["too much was buffered, for all together"], over ? 1 : 0);
    EXPECT_EQ(world_->loop->buffered(), over ? 2 * each : 3 * each);
    well.say_message(ws::Opcode::kText, "hello");
    settle();
    EXPECT_EQ(well.heard(), well.said());
  }

  std::unique_ptr<EchoWorld> world_;
  std::map<std::string, int> told_;
  std::vector<std::vector<Kind>> turns_;  // in which something was told
  std::vector<Kind> turn_;
};

TEST_F(LoopLimitsTest, ConnectionsInAll) {
  Limits limits = Limits::none();
  limits.connections = 2;
  begin(limits);
  EXPECT_TRUE(open_peer(kHere).opened());
  Peer& second = open_peer(kThere);
  EXPECT_TRUE(second.opened());
  EXPECT_FALSE(open_peer(kThere + 1).opened());
  EXPECT_EQ(told_["too many connections"], 1);
  second.say_close();
  settle();
  EXPECT_TRUE(open_peer(kThere + 1).opened());
}

TEST_F(LoopLimitsTest, ConnectionsOfOneAddress) {
  Limits limits = Limits::none();
  limits.connections_per_address = 2;
  begin(limits);
  EXPECT_TRUE(open_peer(kHere).opened());
  EXPECT_TRUE(open_peer(kHere).opened());
  EXPECT_FALSE(open_peer(kHere).opened());
  EXPECT_EQ(told_["too many connections of one address"], 1);
  EXPECT_TRUE(open_peer(kThere).opened());
}

TEST_F(LoopLimitsTest, BeyondTheHandshakesInAllTheOneThatHasTakenLongestMakesRoom) {
  Limits limits = Limits::none();
  limits.handshakes = 2;
  begin(limits);
  Peer& open = open_peer();
  const int first = connect_silently(kHere);
  const int second = connect_silently(kThere);
  EXPECT_FALSE(closed(first));
  EXPECT_TRUE(open_peer(kThere + 1).opened());
  EXPECT_TRUE(closed(first));
  EXPECT_FALSE(closed(second));
  EXPECT_EQ(told_["gave way to newer handshakes"], 1);
  open.say_message(ws::Opcode::kText, "still here");
  settle();
  EXPECT_EQ(open.heard(), open.said());
}

TEST_F(LoopLimitsTest, BeyondTheHandshakesOfOneAddressItsNewestIsRefused) {
  Limits limits = Limits::none();
  limits.handshakes_per_address = 2;
  begin(limits);
  const int first = connect_silently(kHere);
  const int second = connect_silently(kHere);
  const int third = connect_silently(kHere);
  EXPECT_FALSE(closed(first));
  EXPECT_FALSE(closed(second));
  EXPECT_TRUE(closed(third));
  EXPECT_EQ(told_["too many unfinished handshakes of one address"], 1);
  EXPECT_TRUE(open_peer(kThere).opened());
}

TEST_F(LoopLimitsTest, WhoOpensIsNoHandshakeAnyMore) {
  Limits limits = Limits::none();
  limits.handshakes_per_address = 1;
  limits.handshakes = 1;
  begin(limits);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(open_peer(kHere).opened());
  EXPECT_TRUE(told_.empty());
}

TEST_F(LoopLimitsTest, ARushOfThoseWhoAreRefusedIsOverInOneTurn) {
  Limits limits = Limits::none();
  limits.connections_per_address = 1;
  begin(limits);
  open_peer(kHere);
  turns_.clear();
  for (int i = 0; i < 30; ++i) world_->kernel.connect(kHere);
  Peer& other = open_peer(kThere);
  EXPECT_TRUE(other.opened());
  ASSERT_FALSE(turns_.empty());
  EXPECT_EQ(turns_.front().size(), 30U);
}

// Without a limit the same rush is dealt with in one turn; with one, in turns of so many, and those
// who are connected come first in each.
TEST_F(LoopLimitsTest, HandshakesOfATurn) {
  constexpr std::size_t kRush = 10;
  for (const std::size_t limit : {std::size_t{3}, kRush - 1, kRush}) {
    Limits limits = Limits::none();
    limits.handshakes_per_turn = limit;
    begin(limits, {}, make_tls());
    world_->accepts = false;
    tls::test::TestClient client;
    const int number = world_->kernel.connect(kHere);
    auto& socket = world_->kernel.socket(number);
    const auto exchange = [&](const std::vector<std::uint8_t>& bytes) {
      socket.to_server.insert(socket.to_server.end(), bytes.begin(), bytes.end());
      world_->run([] { return false; });
      EXPECT_TRUE(client.receive(socket.to_client)) << client.problem;
      socket.to_client.clear();
    };
    exchange(client.client_hello());
    exchange(client.finished());

    turns_.clear();
    std::vector<int> rush;
    for (std::size_t i = 0; i < kRush; ++i) {
      rush.push_back(world_->kernel.connect(kThere));
      // Nothing that TLS understands, so that it is over with its first flight.
      world_->kernel.socket(rush.back()).to_server.assign(16, 0);
    }
    // Connected first, and ready at once; whoever connects now says so in the turn after.
    world_->run([&, said = false]() mutable { return !std::exchange(said, true); });
    std::size_t done = 0;
    for (const auto& turn : turns_) {
      EXPECT_LE(turn.size(), limit);
      done += turn.size();
    }
    EXPECT_EQ(done, kRush);
    EXPECT_EQ(turns_.size(), (kRush + limit - 1) / limit);

    // A rush, and behind it somebody who is connected and asks for something.
    turns_.clear();
    rush.clear();
    for (std::size_t i = 0; i < kRush; ++i) rush.push_back(world_->kernel.connect(kThere));
    world_->run([] { return false; });
    for (const int one : rush) world_->kernel.socket(one).to_server.assign(16, 0);
    exchange(
        client.data("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    ASSERT_FALSE(turns_.empty());
    EXPECT_EQ(turns_.front().front(), Kind::kUpgrade);
    EXPECT_EQ(turns_.front().size(), 1 + limit);
    if (limit == kRush) continue;
    world_->kernel.socket(number).client_finished = true;
    for (const int one : rush) world_->kernel.socket(one).client_finished = true;
    TearDown();
  }
}

TEST_F(LoopLimitsTest, MessagesOfOneClient) {
  Limits limits = Limits::none();
  limits.messages = 20;
  begin(limits);
  world_->slows_down = true;
  Peer& fast = open_peer();
  Peer& other = open_peer(kThere);
  for (int i = 0; i < 50; ++i) fast.say_message(ws::Opcode::kText, std::to_string(i));
  settle();
  EXPECT_EQ(fast.heard().size(), 40U);
  other.say_message(ws::Opcode::kText, "hello");
  settle();
  EXPECT_EQ(other.heard(), other.said());
  // Ten more take half a second, and nobody is closed.
  pass(300);
  EXPECT_GT(fast.heard().size(), 40U);
  EXPECT_LT(fast.heard().size(), 50U);
  pass(400);
  EXPECT_EQ(fast.heard(), fast.said());
  EXPECT_FALSE(fast.socket().closed);
}

TEST_F(LoopLimitsTest, AsManyMessagesAsAClientMaySendAreNotHeldUp) {
  Limits limits = Limits::none();
  limits.messages = 20;
  begin(limits);
  Peer& peer = open_peer();
  for (int i = 0; i < 40; ++i) peer.say_message(ws::Opcode::kText, std::to_string(i));
  settle();
  EXPECT_EQ(peer.heard(), peer.said());
}

TEST_F(LoopLimitsTest, BytesOfOneClientAlsoIfTheyAreNoMessages) {
  Limits limits = Limits::none();
  limits.bytes = 1000;
  begin(limits);
  world_->slows_down = true;
  Peer& peer = open_peer();
  // A read takes what there is, and is paid for afterwards: here it is never much.
  world_->kernel.portion = [](std::size_t size) { return std::min<std::size_t>(size, 500); };
  // Together with the request 12,000 bytes, of which two thousand may come at once.
  for (int i = 0; i < 98; ++i) peer.say(client_frame(ws::Opcode::kPong, std::string(114, 'x')));
  peer.say_message(ws::Opcode::kText, "at last");
  settle();
  pass(9'000);
  EXPECT_TRUE(peer.heard().empty());
  pass(2'000);
  EXPECT_EQ(peer.heard(), peer.said());
}

// What has been read is paid for by waiting: not for so long that silence counts as an end.
TEST_F(LoopLimitsTest, NobodyWaitsLongerForItsBytesThanItMayBeSilent) {
  Limits limits = Limits::none();
  limits.bytes = 500;
  begin(limits);
  world_->slows_down = true;
  Peer& peer = open_peer();
  const std::size_t bytes = limits.bytes * (world_->options.idle_timeout / 1000 + 20);
  peer.say_message(ws::Opcode::kBinary, std::string(bytes, 'x'));
  settle();
  pass(2 * world_->options.idle_timeout);
  EXPECT_EQ(told_, (std::map<std::string, int>{}));
  EXPECT_EQ(peer.heard(), peer.said());
}

TEST_F(LoopLimitsTest, ANewLimitCountsForThoseWhoAreThere) {
  Limits limits = Limits::none();
  begin(limits);
  world_->slows_down = true;
  Peer& peer = open_peer();
  limits.messages = 5;
  limits.connections = 1;
  world_->loop->use_limits(limits);
  for (int i = 0; i < 11; ++i) peer.say_message(ws::Opcode::kText, std::to_string(i));
  settle();
  EXPECT_EQ(peer.heard().size(), 10U);
  EXPECT_FALSE(open_peer(kThere).opened());
}

// Three that do not read, each within what one client may have waiting.
TEST_F(LoopLimitsTest, OutputOfAllClientsTogether) {
  constexpr std::size_t kEach = 30'004;  // with the header of a frame
  for (const std::size_t limit : {3 * kEach, 3 * kEach - 1}) {
    told_.clear();
    Limits limits = Limits::none();
    limits.buffered = limit;
    begin(limits, {.pause_above = 1 << 20, .resume_at = 1000, .close_above = SIZE_MAX});
    std::vector<Peer*> deaf;
    for (std::uint32_t i = 0; i < 3; ++i) {
      deaf.push_back(&open_peer(kHere + i));
      deaf.back()->socket().window = 0;
    }
    Peer& well = open_peer(kThere + 9);
    deaf.front()->say_message(ws::Opcode::kBinary, std::string(kEach - 4, 'x'));
    deaf.back()->say_message(ws::Opcode::kBinary, std::string(kEach - 4, 'y'));
    deaf[1]->say_message(ws::Opcode::kBinary, std::string(kEach - 4, 'z'));
    settle();
    expect_kept_of_three(kEach, limit, well);
    if (limit == 3 * kEach) TearDown();
  }
}

TEST_F(LoopLimitsTest, WhatOnlyWaitsForTheEndOfItsTurnClosesNobody) {
  Limits limits = Limits::none();
  limits.buffered = 50'000;
  begin(limits, {.pause_above = 1 << 20, .resume_at = 1000, .close_above = SIZE_MAX});
  Peer& one = open_peer();
  Peer& other = open_peer();
  for (Peer* const peer : {&one, &other}) {
    peer->socket().window = 1 << 20;
    peer->say_message(ws::Opcode::kBinary, std::string(40'000, 'x'));
    peer->send(SIZE_MAX);
  }
  settle();
  EXPECT_EQ(one.heard(), one.said());
  EXPECT_EQ(other.heard(), other.said());
  EXPECT_TRUE(told_.empty());
}

TEST_F(LoopLimitsTest, ThoseWithTheMostOutputWaitingAreClosedFirst) {
  Limits limits = Limits::none();
  limits.buffered = 50'000;
  begin(limits, {.pause_above = 1 << 20, .resume_at = 1000, .close_above = SIZE_MAX});
  Peer& little = open_peer();
  Peer& much = open_peer();
  little.socket().window = 0;
  much.socket().window = 0;
  little.say_message(ws::Opcode::kBinary, std::string(10'000, 'x'));
  much.say_message(ws::Opcode::kBinary, std::string(30'000, 'x'));
  settle();
  EXPECT_TRUE(told_.empty());
  little.say_message(ws::Opcode::kBinary, std::string(15'000, 'x'));
  settle();
  EXPECT_TRUE(much.socket().closed);
  EXPECT_FALSE(little.socket().closed);
}

// Three that do not finish a message, each within what one message may have.
TEST_F(LoopLimitsTest, UnfinishedMessagesOfAllClientsTogether) {
  constexpr std::size_t kEach = 20'000;
  constexpr std::size_t kHeader = 8;  // of a frame, with its mask
  for (const std::size_t limit : {3 * kEach, 3 * kEach - 1}) {
    told_.clear();
    Limits limits = Limits::none();
    limits.buffered = limit;
    begin(limits);
    Peer& well = open_peer(kThere + 9);
    std::vector<Peer*> slow;
    for (std::uint32_t i = 0; i < 3; ++i) slow.push_back(&open_peer(kHere + i));
    for (Peer* const peer : slow) {
      peer->say_message(ws::Opcode::kBinary, std::string(kEach + 1, 'x'));
      peer->send(kHeader + kEach);
      world_->run([] { return false; });
    }
    expect_kept_of_three(kEach, limit, well);
    if (limit == 3 * kEach) TearDown();
  }
}

}  // namespace
}  // namespace heliograph::server
