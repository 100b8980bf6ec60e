// The loop over clients on a virtual kernel: turns, fairness, water marks, deadlines.

#include "server/client_loop.hpp"

#include <cerrno>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/base/memory_meter.hpp"
#include "tests/server/loop_world.hpp"

namespace heliograph::server {
namespace {

using net::test::Call;
using test::client_frame;
using test::EchoWorld;
using test::Peer;
using Kind = ClientLoop::Event::Kind;

class ClientLoopTest : public testing::Test {
 protected:
  void TearDown() override {
    world_.on_event = [](const ClientLoop::Event&) {};  // the test's own variables are gone
    EXPECT_EQ(world_.problem, "");
    for (const auto& peer : world_.peers()) peer->answers_pings = false;
    world_.run_to_the_end();
    EXPECT_EQ(world_.problem, "");
    EXPECT_EQ(world_.kernel.open_sockets(), 0U);
  }

  // Everybody goes on until nobody can.
  void settle() {
    world_.run([this] { return world_.move_all(); });
  }
  void pass(Milliseconds time) {
    world_.run([this] { return world_.move_all(); }, time);
  }
  // The loop alone, with what has already been sent.
  void run_loop() {
    world_.run([] { return false; });
  }

  Peer& open_peer() {
    Peer& peer = world_.add_peer();
    settle();
    EXPECT_TRUE(peer.opened());
    return peer;
  }

  // Counts the calls from here on.
  void count_calls() {
    calls_.clear();
    world_.kernel.fault = [this](Call call) {
      ++calls_[call];
      return 0;
    };
  }

  static constexpr WaterMarks kMarks{
      .pause_above = 10'000, .resume_at = 1000, .close_above = 100'000};
  EchoWorld world_{kMarks};
  std::map<Call, int> calls_;
};

TEST_F(ClientLoopTest, ATurnWithDataCostsOneReceiveAndOneSend) {
  Peer& peer = open_peer();
  for (int i = 0; i < 100; ++i) peer.say_message(ws::Opcode::kText, "hello");
  peer.send(SIZE_MAX);
  count_calls();
  run_loop();
  EXPECT_EQ(calls_[Call::kReceive], 1);
  EXPECT_EQ(calls_[Call::kSend], 1);
  EXPECT_EQ(calls_[Call::kPollModify], 0);
  settle();
  EXPECT_EQ(peer.heard(), peer.said());
}

TEST_F(ClientLoopTest, AMessageCostsNoAllocation) {
  Peer& peer = open_peer();
  const auto exchange = [&](int messages) {
    for (int i = 0; i < messages; ++i) peer.say_message(ws::Opcode::kText, "hello");
    peer.send(SIZE_MAX);
    const MemoryMeter meter;
    run_loop();
    const std::size_t allocations = meter.allocations();
    peer.read(SIZE_MAX);
    return allocations;  // some are the virtual kernel's
  };
  exchange(200);  // makes the buffers that are used again
  const std::size_t for_one = exchange(1);
  EXPECT_EQ(exchange(200), for_one);
}

TEST_F(ClientLoopTest, AFloodOfMessagesIsDealtWithInTurnsAndHoldsUpNobody) {
  Peer& flood = open_peer();
  Peer& other = open_peer();
  for (int i = 0; i < 5000; ++i) flood.say_message(ws::Opcode::kText, "");
  other.say_message(ws::Opcode::kText, "excuse me");
  flood.send(SIZE_MAX);
  other.send(SIZE_MAX);
  std::size_t of_flood = 0;
  std::optional<std::size_t> when_served;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind != Kind::kMessage) return;
    if (event.data.empty()) ++of_flood;
    if (!event.data.empty()) when_served = of_flood;
  };
  count_calls();
  run_loop();
  ASSERT_TRUE(when_served);
  EXPECT_LE(*when_served, 256U);
  // All of the flood was received at once, and the rest of it was not waited for.
  EXPECT_EQ(of_flood, 5000U);
  EXPECT_EQ(calls_[Call::kReceive], 2);
  settle();
  EXPECT_EQ(flood.heard().size(), 5000U);
  EXPECT_EQ(other.heard(), other.said());
}

TEST_F(ClientLoopTest, WhoDoesNotReadIsNotReadFrom) {
  Peer& peer = open_peer();
  peer.socket().window = 0;
  for (int i = 0; i < 100; ++i) peer.say_message(ws::Opcode::kBinary, std::string(5000, 'x'));
  peer.send(SIZE_MAX);
  std::size_t messages = 0;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kMessage) ++messages;
  };
  run_loop();
  EXPECT_EQ(messages, 2U);  // which are more than kMarks.pause_above
  // Half of it is still too much; when little is left, it goes on.
  peer.socket().window = 5000;
  run_loop();
  EXPECT_EQ(messages, 2U);
  peer.socket().window = SIZE_MAX;
  settle();
  EXPECT_EQ(messages, 100U);
  EXPECT_EQ(peer.heard(), peer.said());
}

TEST_F(ClientLoopTest, PingsOfAClientThatDoesNotReadAreAnsweredOnce) {
  Peer& peer = open_peer();
  peer.socket().window = 0;
  for (int i = 0; i < 20; ++i) {
    peer.say(client_frame(ws::Opcode::kPing, "ping " + std::to_string(i)));
    peer.send(SIZE_MAX);
    run_loop();
  }
  peer.socket().window = SIZE_MAX;
  run_loop();
  // The first, which found nothing waiting, and the newest.
  EXPECT_EQ(as_text(peer.socket().to_client), "\x8a\x06ping 0\x8a\x07ping 19");
}

TEST_F(ClientLoopTest, AClientThatIsToldMuchAndReadsNothingIsClosed) {
  Peer& peer = open_peer();
  SlotId client = 0;
  std::string reason;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kMessage) client = event.client;
    if (event.kind == Kind::kClosed) reason = event.reason;
  };
  peer.say_message(ws::Opcode::kText, "here I am");
  settle();
  peer.socket().window = 0;
  const std::string text(kMarks.close_above / 4, 'x');
  const Bytes pieces[] = {as_bytes(text)};
  for (int i = 0; i < 3; ++i) world_.loop->send(client, ws::Opcode::kText, pieces);
  run_loop();
  EXPECT_EQ(reason, "");
  world_.loop->send(client, ws::Opcode::kText, pieces);
  run_loop();
  EXPECT_EQ(reason, "too slow");
  peer.socket().window = SIZE_MAX;
  settle();
  EXPECT_EQ(peer.close_code(), ws::CloseCode::kPolicyViolation);
}

TEST_F(ClientLoopTest, AClientThatReadsSlowlyIsAlive) {
  Peer& peer = open_peer();
  peer.socket().window = 100;
  for (int i = 0; i < 4; ++i) peer.say_message(ws::Opcode::kBinary, std::string(5000, 'x'));
  peer.send(SIZE_MAX);
  for (int i = 0; i < 200; ++i) {
    world_.run([] { return false; }, 1000);
    peer.read(SIZE_MAX);
  }
  settle();
  EXPECT_EQ(peer.heard(), peer.said());
  EXPECT_EQ(world_.closed, 0U);
}

TEST_F(ClientLoopTest, AClientThatReadsNothingIsGivenUp) {
  Peer& peer = open_peer();
  peer.socket().window = 100;
  for (int i = 0; i < 4; ++i) peer.say_message(ws::Opcode::kBinary, std::string(5000, 'x'));
  peer.send(SIZE_MAX);
  world_.run([] { return false; }, world_.options.idle_timeout - 1000);
  EXPECT_EQ(world_.closed, 0U);
  world_.run([] { return false; }, 2000);
  EXPECT_EQ(world_.closed, 1U);
  world_.run([] { return false; }, kCloseWait + 1000);
  EXPECT_TRUE(peer.socket().closed);
}

TEST_F(ClientLoopTest, PongsTellTheRoundTrip) {
  Peer& peer = open_peer();
  Milliseconds round_trip = kNever;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kPong) round_trip = event.round_trip;
  };
  world_.run([] { return false; }, world_.options.ping_interval + 100);
  world_.run([] { return false; }, 70);
  pass(0);
  EXPECT_EQ(peer.pings(), 1U);
  EXPECT_GE(round_trip, 70U);
  EXPECT_LE(round_trip, 300U);
}

TEST_F(ClientLoopTest, WhenDescriptorsAreSpentAcceptingPauses) {
  world_.kernel.fault = [&](Call call) {
    ++calls_[call];
    return call == Call::kAccept ? EMFILE : 0;
  };
  int pauses = 0;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kAcceptPaused) ++pauses;
  };
  Peer& peer = world_.add_peer();
  pass(1000);
  EXPECT_GE(pauses, 5);
  EXPECT_LE(pauses, 11);
  EXPECT_EQ(calls_[Call::kAccept], pauses);
  world_.kernel.fault = [](Call) { return 0; };
  pass(200);
  EXPECT_TRUE(peer.opened());
}

TEST_F(ClientLoopTest, AcceptingGoesOnWhenTheListenerCouldNotBeWatchedAgain) {
  int adds = 0;
  world_.kernel.fault = [&](Call call) {
    if (call == Call::kAccept && calls_[call]++ == 0) return EMFILE;
    return call == Call::kPollAdd && adds++ == 0 ? ENOMEM : 0;
  };
  Peer& peer = world_.add_peer();
  pass(1000);
  EXPECT_TRUE(peer.opened());
}

TEST_F(ClientLoopTest, ADecisionAboutAnUpgradeMayComeLater) {
  world_.accepts = false;
  SlotId client = 0;
  std::string path;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind != Kind::kUpgrade) return;
    client = event.client;
    path = event.upgrade->path;
    world_.undecided = {client};
  };
  Peer& peer = world_.add_peer();
  peer.say_message(ws::Opcode::kText, "early");
  settle();
  EXPECT_EQ(path, "/");
  EXPECT_FALSE(peer.opened());
  peer.say_message(ws::Opcode::kText, "not that early");
  settle();
  EXPECT_TRUE(world_.loop->accept(client));
  EXPECT_FALSE(world_.loop->accept(client));
  world_.undecided.clear();
  settle();
  EXPECT_TRUE(peer.opened());
  EXPECT_EQ(peer.heard(), peer.said());
}

TEST_F(ClientLoopTest, AnUpgradeMayBeRejected) {
  world_.accepts = false;
  std::string reason;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kUpgrade) {
      EXPECT_FALSE(world_.loop->reject(event.client, {.status = 200}));
      EXPECT_TRUE(world_.loop->reject(event.client, {.status = 403, .body = "not you\n"}));
    }
    if (event.kind == Kind::kClosed) reason = event.reason;
  };
  Peer& peer = world_.add_peer();
  peer.send(SIZE_MAX);
  run_loop();
  EXPECT_TRUE(as_text(peer.socket().to_client).starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(peer.socket().server_finished);
  EXPECT_EQ(reason, "closed by the server");
}

// What the owner is told of an end, by the frame that the client sends, if any, and that of the
// server.
TEST_F(ClientLoopTest, TheCloseCodeIsThatOfWhoClosedFirst) {
  struct Case {
    const char* frame;
    bool server_closes;
    ws::CloseCode told;
  };
  for (const Case& close :
       {Case{"\x03\xe8", false, ws::CloseCode::kNormal},
        Case{"\x03\xe9", false, ws::CloseCode::kGoingAway},
        Case{"\x11\x95", false, static_cast<ws::CloseCode>(4501)},
        Case{"", false, ws::CloseCode::kNoStatus}, Case{nullptr, false, ws::CloseCode::kAbnormal},
        Case{nullptr, true, static_cast<ws::CloseCode>(4500)},
        Case{"\x03\xe8", true, static_cast<ws::CloseCode>(4500)}}) {
    Peer& peer = open_peer();
    std::optional<ClientLoop::Event> told;
    world_.on_event = [&](const ClientLoop::Event& event) {
      if (event.kind == Kind::kClosed) told = event;
      if (event.kind == Kind::kMessage && close.server_closes) {
        world_.loop->close(event.client, static_cast<ws::CloseCode>(4500), {});
      }
    };
    std::string frames = client_frame(ws::Opcode::kText, "m");
    if (close.frame != nullptr) frames += client_frame(ws::Opcode::kClose, close.frame);
    peer.say(frames);
    settle();
    if (!told) {
      peer.socket().client_finished = true;
      settle();
    }
    ASSERT_TRUE(told);
    EXPECT_EQ(told->close_code, close.told);
    EXPECT_EQ(told->by_server, close.server_closes);
  }
}

TEST_F(ClientLoopTest, WhoBreaksARuleIsClosedByTheServer) {
  for (const auto& [frame, code] :
       {std::pair{client_frame(static_cast<ws::Opcode>(3), "x"), ws::CloseCode::kProtocolError},
        std::pair{client_frame(ws::Opcode::kText, "\xff"), ws::CloseCode::kInvalidPayload},
        std::pair{client_frame(ws::Opcode::kText, std::string(ws::Limits{}.max_message + 1, 'x')),
                  ws::CloseCode::kMessageTooBig}}) {
    Peer& peer = open_peer();
    std::optional<ClientLoop::Event> told;
    world_.on_event = [&](const ClientLoop::Event& event) {
      if (event.kind == Kind::kClosed) told = event;
    };
    peer.say(frame);
    settle();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->close_code, code);
    EXPECT_TRUE(told->by_server);
    EXPECT_EQ(peer.close_code(), code);
  }
}

TEST_F(ClientLoopTest, ADecisionThatNeverComesEndsIt) {
  world_.accepts = false;
  Peer& peer = world_.add_peer();
  peer.send(SIZE_MAX);
  world_.run([] { return false; }, kHeadDeadline + kCloseWait + 1000);
  EXPECT_TRUE(peer.socket().closed);
}

TEST_F(ClientLoopTest, AClientThatGoesWhileItIsDecidedUponIsNoticed) {
  world_.accepts = false;
  Peer& peer = world_.add_peer();
  peer.send(SIZE_MAX);
  run_loop();
  peer.socket().reset = true;
  run_loop();
  EXPECT_EQ(world_.closed, 1U);
  EXPECT_TRUE(peer.socket().closed);
}

TEST_F(ClientLoopTest, DeadlinesOfTheOwnerComeOnceAndNotTooEarly) {
  Peer& peer = open_peer();
  SlotId client = 0;
  std::vector<Milliseconds> due;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kMessage) client = event.client;
    if (event.kind == Kind::kDeadline) due.push_back(world_.loop->now());
  };
  peer.say_message(ws::Opcode::kText, "here I am");
  settle();
  const Milliseconds begin = world_.loop->now();
  world_.loop->set_deadline(client, begin + 5000);
  world_.loop->set_deadline(client, begin + 700);
  pass(10'000);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_GE(due.front(), begin + 700);
  EXPECT_LE(due.front(), begin + 800);
}

TEST_F(ClientLoopTest, ClosingAllSaysGoodbyeAndWaitsForTheClientsHalf) {
  Peer& polite = open_peer();
  Peer& silent = open_peer();
  world_.loop->stop_accepting();
  world_.loop->close_all(ws::CloseCode::kServiceRestart, "back in a moment");
  world_.run([&] {
    const bool moved = polite.read(SIZE_MAX) || polite.send(SIZE_MAX) || polite.finish();
    return silent.read(SIZE_MAX) || moved;
  });
  EXPECT_EQ(polite.close_code(), ws::CloseCode::kServiceRestart);
  EXPECT_TRUE(polite.socket().closed);
  EXPECT_EQ(world_.closed, 2U);
  EXPECT_FALSE(silent.socket().closed);
  world_.run([] { return false; }, kCloseWait + 100);
  EXPECT_TRUE(silent.socket().server_finished);
  EXPECT_FALSE(silent.socket().closed);
  world_.run([] { return false; }, kCloseWait + 100);
  EXPECT_TRUE(silent.socket().closed);
  EXPECT_EQ(world_.loop->size(), 0U);
}

TEST_F(ClientLoopTest, AHeadInSingleBytesHasADeadline) {
  Peer& peer = world_.add_peer();
  for (int i = 0; i < 60 && !peer.socket().server_finished; ++i) {
    peer.send(1);
    world_.run([] { return false; }, 100);
  }
  EXPECT_TRUE(peer.socket().server_finished);
  EXPECT_EQ(world_.closed, 1U);
}

TEST_F(ClientLoopTest, NoVerbWorksOnceClosedWasTold) {
  world_.accepts = false;
  std::optional<bool> accepted;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kClosed) accepted = world_.loop->accept(event.client);
  };
  Peer& peer = world_.add_peer();
  peer.send(SIZE_MAX);
  run_loop();
  peer.socket().reset = true;
  run_loop();
  EXPECT_EQ(accepted, false);
}

TEST_F(ClientLoopTest, ADeadlineForNowComesInTheNextTurn) {
  open_peer().say_message(ws::Opcode::kText, "hi");
  int deadlines = 0;
  int turns = 0;
  world_.on_event = [&](const ClientLoop::Event& event) {
    if (event.kind == Kind::kTurnEnd && deadlines > 0) ++turns;
    if (event.kind == Kind::kDeadline) ++deadlines;
    const bool again = event.kind == Kind::kMessage || event.kind == Kind::kDeadline;
    if (again && deadlines < 10) world_.loop->set_deadline(event.client, world_.loop->now());
  };
  pass(2000);
  EXPECT_EQ(deadlines, 10);
  EXPECT_GE(turns, 10);
}

TEST_F(ClientLoopTest, VerbsForOneThatHasGoneDoNothing) {
  world_.loop->send(77, ws::Opcode::kText, {});
  world_.loop->set_deadline(77, 1);
  world_.loop->close(77, ws::CloseCode::kNormal, {});
  EXPECT_FALSE(world_.loop->accept(77));
  EXPECT_FALSE(world_.loop->reject(77, {}));
  EXPECT_TRUE(world_.loop->peer(77).bytes().empty());
}

}  // namespace
}  // namespace heliograph::server
