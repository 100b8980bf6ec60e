// The loop on a kernel that fails: at every call in turn, and at random. Whatever happens, nothing
// is left waiting for ever.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/server/loop_world.hpp"

namespace heliograph::server {
namespace {

using net::test::Call;
using test::EchoWorld;
using test::Peer;

struct Failure {
  Call call;
  int error;
  // Of the clients that are there, it may cost one.
  bool fatal;
};

constexpr Failure kFailures[] = {
    {Call::kReceive, EAGAIN, false},    {Call::kReceive, EINTR, false},
    {Call::kReceive, ECONNRESET, true}, {Call::kSend, EAGAIN, false},
    {Call::kSend, EINTR, false},        {Call::kSend, EPIPE, true},
    {Call::kShutdown, ENOTCONN, false}, {Call::kAccept, EAGAIN, false},
    {Call::kAccept, EINTR, false},      {Call::kAccept, ECONNABORTED, true},
    {Call::kAccept, EMFILE, false},     {Call::kAccept, ENFILE, false},
    {Call::kAccept, ENOMEM, false},     {Call::kPollAdd, ENOMEM, true},
    {Call::kPollAdd, ENOSPC, true},     {Call::kPollModify, ENOMEM, true},
    {Call::kPollWait, EINTR, false},
};

// Tiny, fragmented, large, with pings between, more than the marks allow to wait.
void speak(Peer& peer) {
  peer.say_message(ws::Opcode::kText, "");
  peer.say(test::client_frame(ws::Opcode::kPing, "are you there?"));
  for (int i = 0; i < 30; ++i) peer.say_message(ws::Opcode::kText, std::to_string(i));
  peer.say_message(ws::Opcode::kBinary, std::string(9'000, 'x'));
  peer.say_message(ws::Opcode::kBinary, std::string(9'000, 'y'));
  peer.say_message(ws::Opcode::kText, "that was all");
  peer.say_close();
}

std::size_t completed(EchoWorld& world) {
  return static_cast<std::size_t>(std::ranges::count_if(world.peers(), [](const auto& peer) {
    return peer->heard() == peer->said() && peer->close_code() == ws::CloseCode::kNormal;
  }));
}

// How often `failure` could happen. It happens the `nth` time, from 1 on; 0: never.
std::size_t play(const Failure& failure, std::size_t nth, std::size_t portion) {
  EchoWorld world({.pause_above = 4096, .resume_at = 1024, .close_above = SIZE_MAX});
  speak(world.add_peer());
  speak(world.add_peer());
  world.peers().back()->socket().window = 3000;
  std::size_t calls = 0;
  world.kernel.fault = [&](Call call) {
    return call == failure.call && ++calls == nth ? failure.error : 0;
  };
  const std::size_t expected = failure.fatal && nth > 0 ? 1 : 2;
  world.run([&] { return world.move_all(portion); });
  // Where somebody could not be accepted, it takes a moment.
  if (failure.call != Call::kAccept) {
    EXPECT_GE(completed(world), expected);
  }
  world.run_to_the_end();
  EXPECT_EQ(world.problem, "");
  EXPECT_EQ(world.kernel.open_sockets(), 0U);
  EXPECT_GE(completed(world), expected);
  return calls;
}

TEST(LoopFaults, EveryCallMayFailOnce) {
  for (const Failure& failure : kFailures) {
    for (const std::size_t portion : {std::size_t{1000}, SIZE_MAX}) {
      SCOPED_TRACE(testing::Message() << "call " << static_cast<int>(failure.call) << ", errno "
                                      << failure.error << ", portions of " << portion);
      const std::size_t calls = play(failure, 0, portion);
      ASSERT_GT(calls, 0U);
      for (std::size_t nth = 1; nth <= calls; ++nth) {
        play(failure, nth, portion);
        if (testing::Test::HasFailure()) FAIL() << "the call that failed was number " << nth;
      }
    }
  }
}

// The control: with a kernel that takes a change of interest and forgets it, these tests fail.
TEST(LoopFaults, AWakeUpThatIsLostIsNoticed) {
  EchoWorld world;
  speak(world.add_peer());
  world.peers().front()->socket().window = 3000;
  world.kernel.forgets_changes = true;
  world.run([&] { return world.move_all(); });
  EXPECT_EQ(completed(world), 0U);
}

// A world in which everything goes wrong for a while.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed) {}

  void play() {
    WaterMarks marks{.pause_above = 1 + below(8192), .resume_at = 0, .close_above = SIZE_MAX};
    marks.resume_at = below(marks.pause_above + 1);
    if (below(3) == 0) marks.close_above = marks.pause_above + below(50'000);
    EchoWorld world(marks);
    world.kernel.fault = [this](Call call) { return wild_ && below(20) == 0 ? error_of(call) : 0; };
    world.kernel.portion = [this](std::size_t size) {
      return wild_ && below(3) == 0 ? 1 + below(size) : size;
    };
    world.on_event = [&](const ClientLoop::Event& event) { answer(world, event); };

    std::size_t moves = 200;
    world.run([&] { return moves-- > 0 && move(world); }, 0);
    EXPECT_EQ(world.problem, "");

    // From here on the kernel and everybody who is still there behave.
    wild_ = false;
    for (const auto& peer : world.peers()) {
      peer->socket().window = 1 << 20;
      peer->answers_pings = false;
    }
    world.run_to_the_end();
    EXPECT_EQ(world.problem, "");
    EXPECT_EQ(world.kernel.open_sockets(), 0U);
    EXPECT_EQ(world.loop->size(), 0U);
    for (const auto& peer : world.peers()) {
      ASSERT_LE(peer->heard().size(), peer->said().size());
      EXPECT_TRUE(
          std::ranges::equal(peer->heard(), std::span(peer->said()).first(peer->heard().size())));
    }
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  int error_of(Call call) {
    if (below(20) != 0) {  // most often what goes by
      return call == Call::kAccept                           ? EMFILE
             : call == Call::kPollWait                       ? EINTR
             : call == Call::kReceive || call == Call::kSend ? (below(2) == 0 ? EAGAIN : EINTR)
                                                             : 0;
    }
    std::array<int, std::size(kFailures)> errors{};
    std::size_t count = 0;
    for (const Failure& failure : kFailures) {
      if (failure.call == call) errors[count++] = failure.error;
    }
    return count == 0 ? 0 : errors[below(count)];
  }

  bool move(EchoWorld& world) {
    if (world.peers().size() < 8 && below(4) == 0) introduce(world.add_peer());
    if (world.peers().empty()) return true;
    Peer& peer = *world.peers()[below(world.peers().size())];
    switch (below(16)) {
      case 0:
        peer.socket().window = below(20'000);
        break;
      case 1:
        peer.socket().client_finished = below(8) == 0 || peer.socket().client_finished;
        break;
      case 2:
        peer.socket().reset = below(8) == 0 || peer.socket().reset;
        break;
      case 3:
        return below(2) == 0;  // time passes
      case 4:
        peer.finish();
        break;
      default:
        peer.send(1 + below(5000));
        if (below(2) == 0) peer.read(1 + below(5000));
    }
    return true;
  }

  void introduce(Peer& peer) {
    peer.answers_pings = below(4) != 0;
    const std::size_t messages = below(40);
    for (std::size_t i = 0; i < messages; ++i) {
      const std::size_t size = below(8) == 0 ? below(60'000) : below(200);
      peer.say_message(ws::Opcode::kBinary, std::string(size, static_cast<char>('a' + below(26))));
      if (below(8) == 0) peer.say(test::client_frame(ws::Opcode::kPing, "ping"));
    }
    if (below(2) == 0) peer.say_close();
  }

  void answer(EchoWorld& world, const ClientLoop::Event& event) {
    if (event.client == 0 || below(50) != 0) return;
    if (below(2) == 0) {
      world.loop->close(event.client, ws::CloseCode::kGoingAway, "");
    } else {
      world.loop->set_deadline(event.client, world.loop->now() + below(1000));
    }
  }

  std::mt19937_64 random_;
  bool wild_ = true;
};

TEST(LoopFaults, AfterAnyChaosEveryClientGoes) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Chaos(seed).play();
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace heliograph::server
