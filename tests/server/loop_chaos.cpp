#include "tests/server/loop_chaos.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>

#include "tests/server/loop_world.hpp"

namespace heliograph::server::test {
namespace {

using net::test::Call;
using Kind = ClientLoop::Event::Kind;

constexpr std::size_t kMoves = 200;
constexpr std::size_t kMaxPeers = 8;

class Chaos {
 public:
  explicit Chaos(const Choose& choose) : choose_(choose) {}

  std::string play() {
    WaterMarks marks{.pause_above = 1 + below(8192), .resume_at = 0, .close_above = SIZE_MAX};
    marks.resume_at = below(marks.pause_above + 1);
    if (once_in(3)) marks.close_above = marks.pause_above + below(50'000);
    EchoWorld world(marks);
    world.accepts = false;
    world.kernel.fault = [this](Call call) { return wild_ && once_in(20) ? error_of(call) : 0; };
    world.kernel.portion = [this](std::size_t size) {
      return wild_ && once_in(3) ? 1 + below(size) : size;
    };
    world.on_event = [&](const ClientLoop::Event& event) { answer(world, event); };

    std::size_t moves = kMoves;
    world.run([&] { return moves-- > 0 && move(world); });
    if (!world.problem.empty()) return world.problem;

    // From here on the kernel and everybody who is still there behave.
    wild_ = false;
    for (const SlotId id : world.undecided) world.loop->accept(id);
    world.undecided.clear();
    for (const auto& peer : world.peers()) {
      peer->socket().window = 1 << 20;
      peer->answers_pings = false;
    }
    world.run_to_the_end();
    if (!world.problem.empty()) return world.problem;
    if (world.kernel.open_sockets() > 0 || world.loop->size() > 0) return "somebody is left";
    return std::ranges::all_of(world.peers(), heard_well) ? "" : "an echo was not what was said";
  }

 private:
  std::size_t below(std::size_t limit) { return choose_(limit); }
  bool once_in(std::size_t times) { return below(times) == times - 1; }

  int error_of(Call call) {
    const bool harmless = !once_in(20);
    switch (call) {
      case Call::kReceive:
        return harmless ? (once_in(2) ? EAGAIN : EINTR) : ECONNRESET;
      case Call::kSend:
        return harmless ? (once_in(2) ? EAGAIN : EINTR) : EPIPE;
      case Call::kAccept:
        return harmless ? EMFILE : ECONNABORTED;
      case Call::kPollWait:
        return EINTR;
      case Call::kPollAdd:
      case Call::kPollModify:
        return harmless ? 0 : ENOMEM;
      case Call::kShutdown:
        return ENOTCONN;
      case Call::kPollRemove:
        return 0;
    }
    return 0;
  }

  bool move(EchoWorld& world) {
    if (world.peers().size() < kMaxPeers && below(4) == 0) introduce(world.add_peer());
    if (world.peers().empty()) return true;
    Peer& peer = *world.peers()[below(world.peers().size())];
    switch (below(16)) {
      case 1:
        peer.socket().window = below(20'000);
        break;
      case 2:
        if (once_in(8)) peer.socket().client_finished = true;
        break;
      case 3:
        if (once_in(8)) peer.socket().reset = true;
        break;
      case 4:
        return false;  // time passes
      case 5:
        peer.finish();
        break;
      default:
        peer.send(1 + below(5000));
        if (below(2) == 0) peer.read(1 + below(5000));
    }
    return true;
  }

  void introduce(Peer& peer) {
    peer.answers_pings = !once_in(4);
    const std::size_t messages = below(40);
    for (std::size_t i = 0; i < messages; ++i) {
      const std::size_t size = once_in(8) ? below(60'000) : below(200);
      peer.say_message(ws::Opcode::kBinary, std::string(size, static_cast<char>('a' + below(26))));
      if (once_in(8)) peer.say(client_frame(ws::Opcode::kPing, "ping"));
      if (once_in(100)) babble(peer);
    }
    if (below(2) == 0) peer.say_close();
  }

  void babble(Peer& peer) {
    std::string bytes(1 + below(20), '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(256));
    peer.say(std::move(bytes));
    peer.makes_sense = false;
  }

  void decide(EchoWorld& world) {
    for (const SlotId id : world.undecided) {
      if (once_in(3)) {
        world.loop->reject(id, {.status = 403});
      } else {
        world.loop->accept(id);
      }
    }
    world.undecided.clear();
  }

  void answer(EchoWorld& world, const ClientLoop::Event& event) {
    if (event.kind == Kind::kTurnEnd && below(4) == 0) decide(world);
    if (event.kind == Kind::kUpgrade) {
      if (once_in(4)) return world.undecided.push_back(event.client);
      world.loop->accept(event.client);
    }
    if (event.client == 0 || event.kind == Kind::kClosed || !once_in(50)) return;
    if (below(2) == 0) {
      world.loop->close(event.client, ws::CloseCode::kGoingAway, "");
    } else {
      world.loop->set_deadline(event.client, world.loop->now() + below(1000));
    }
  }

  static bool heard_well(const std::unique_ptr<Peer>& peer) {
    if (!peer->makes_sense) return true;
    if (peer->heard().size() > peer->said().size()) return false;
    return std::ranges::equal(peer->heard(), std::span(peer->said()).first(peer->heard().size()));
  }

  const Choose& choose_;
  bool wild_ = true;
};

}  // namespace

std::string play_chaos(const Choose& choose) {
  return Chaos(choose).play();
}

}  // namespace heliograph::server::test
