#include "tests/server/loop_world.hpp"

#include <algorithm>
#include <utility>

#include "base/buffer.hpp"
#include "ws/frame.hpp"

namespace heliograph::server::test {

using net::test::LoopSleeps;

namespace {

constexpr std::string_view kUpgradeRequest =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

}  // namespace

std::string client_frame(ws::Opcode opcode, std::string_view payload, bool final) {
  const ws::FrameHeader header =
      ws::make_frame_header(opcode, {.final = final}, payload.size(), ws::MaskKey{});
  return std::string(as_text(header.view())).append(payload);
}

Peer::Peer(net::test::VirtualKernel& kernel, int number) : kernel_(kernel), number_(number) {
  say(std::string(kUpgradeRequest));
}

void Peer::say_message(ws::Opcode opcode, std::string_view payload) {
  said_.emplace_back(payload);
  say(client_frame(opcode, payload));
}

void Peer::say_close() {
  say(client_frame(ws::Opcode::kClose, "\x03\xe8"));
}

bool Peer::send(std::size_t size) {
  bool moved = false;
  while (size > 0 && !units_.empty() && !socket().closed && !socket().client_finished) {
    const std::string_view rest = std::string_view(units_.front()).substr(unit_sent_);
    const Bytes piece = as_bytes(rest.substr(0, size));
    socket().to_server.insert(socket().to_server.end(), piece.begin(), piece.end());
    moved = true;
    size -= piece.size();
    unit_sent_ += piece.size();
    if (unit_sent_ == units_.front().size()) {
      units_.pop_front();
      unit_sent_ = 0;
    }
  }
  return moved;
}

bool Peer::read(std::size_t size) {
  auto& from = socket().to_client;
  if (from.empty() || size == 0) return false;
  Buffer bytes;
  bytes.append(Bytes(from).first(std::min(size, from.size())));
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(bytes.size()));
  take(bytes.mutable_bytes());
  return true;
}

bool Peer::finish() {
  if (socket().client_finished || !units_.empty()) return false;
  if (!socket().server_finished || !socket().to_client.empty()) return false;
  socket().client_finished = true;
  return true;
}

void Peer::take(MutableBytes bytes) {
  while (!opened_ && !bytes.empty()) {
    head_ += as_text(take_front(bytes, 1));
    opened_ = head_.ends_with("\r\n\r\n");
  }
  Buffer output;
  for (;;) {
    const auto event = socket_.receive(bytes, output);
    if (!event) {
      close_code_ = ws::CloseCode::kProtocolError;
      break;
    }
    if (event->kind == ws::Event::Kind::kNeedMore) break;
    if (event->kind == ws::Event::Kind::kMessage) heard_.emplace_back(as_text(event->data));
    if (event->kind == ws::Event::Kind::kClose) close_code_ = event->code;
  }
  if (output.empty()) return;
  ++pings_;
  if (!answers_pings) return;
  // Between two units, with a mask of its own.
  const auto at = units_.begin() + (unit_sent_ > 0 ? 1 : 0);
  units_.insert(at, std::string(output.text()));
}

EchoWorld::EchoWorld(const WaterMarks& marks, ChannelOptions channel, const Limits& limits,
                     std::shared_ptr<const tls::ServerConfig> tls)
    : options(std::move(channel)),
      loop(std::make_unique<ClientLoop>(options, marks, std::move(tls),
                                        net::Listener(net::FileDescriptor(kernel.listen())), limits,
                                        &counts)) {}

Peer& EchoWorld::add_peer(std::uint32_t address) {
  peers_.push_back(std::make_unique<Peer>(kernel, kernel.connect(address)));
  return *peers_.back();
}

void EchoWorld::run(const std::function<bool()>& move, Milliseconds patience) {
  kernel.idle = [this, &move] {
    if (problem.empty() && undecided.empty() && !slows_down) {
      if (const char* const complaint = kernel.complaint()) problem = complaint;
    }
    return move();
  };
  kernel.end_of_time = patience == kNever ? kNever : kernel.now() + patience;
  try {
    for (;;) {
      const ClientLoop::Event event = loop->next();
      check(event);
      if (event.kind == ClientLoop::Event::Kind::kUpgrade && accepts) loop->accept(event.client);
      if (event.kind == ClientLoop::Event::Kind::kMessage) {
        const Bytes message = event.data;
        loop->send(event.client, event.opcode, {&message, 1});
      }
      on_event(event);
    }
  } catch (const LoopSleeps&) {
  } catch (const net::test::LoopSpins&) {
    problem = "the loop spins";
  }
}

bool EchoWorld::move_all(std::size_t portion) {
  bool moved = false;
  for (const auto& peer : peers_) {
    moved = peer->send(portion) || moved;
    moved = peer->read(portion) || moved;
    moved = peer->finish() || moved;
  }
  return moved;
}

void EchoWorld::run_to_the_end() {
  run([this] { return move_all(); }, kNever);
}

void EchoWorld::check(const ClientLoop::Event& event) {
  using Kind = ClientLoop::Event::Kind;
  const auto require = [this](bool holds, const char* rule) {
    if (!holds && problem.empty()) problem = rule;
  };
  Life& life = lives_[event.client];
  switch (event.kind) {
    case Kind::kUpgrade:
      require(life == Life::kUnknown, "a client asks once");
      life = Life::kOpen;
      break;
    case Kind::kMessage:
    case Kind::kPong:
      require(life == Life::kOpen, "only open clients speak");
      break;
    case Kind::kDeadline:
      require(life != Life::kClosed, "nothing is due for a client that has gone");
      break;
    case Kind::kClosed:
      require(life != Life::kClosed, "a client is closed once");
      life = Life::kClosed;
      ++closed;
      break;
    case Kind::kReady:
    case Kind::kAcceptPaused:
    case Kind::kRefused:
    case Kind::kTurnEnd:
      break;
  }
}

}  // namespace heliograph::server::test
