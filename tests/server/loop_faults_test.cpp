// The loop on a kernel that fails: at every call in turn, and at random. Whatever happens, nothing
// is left waiting for ever.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/server/loop_chaos.hpp"
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

TEST(LoopFaults, AfterAnyChaosEveryClientGoes) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const std::string problem =
        test::play_chaos([&random](std::size_t limit) { return random() % limit; });
    ASSERT_EQ(problem, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace heliograph::server
