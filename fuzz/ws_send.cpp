// Orders of verbs: a client and a server that send, ping, close and hold their pongs in any order,
// over a transport that cuts as it likes. Neither ever finds an error; messages arrive as they were
// sent and in order; a close frame is the last one, and only one.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.hpp"
#include "base/reader.hpp"
#include "require.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"
#include "ws/prepared_message.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits = {.max_message = 100'000, .max_frames_per_message = 10'000};

struct Side {
  Side(Role which, const DeflateParameters& parameters, bool deflate, DeflateMemory memory)
      : role(which),
        connection(which, kLimits,
                   deflate ? std::make_unique<MessageDeflate>(which, parameters, pool, memory)
                           : nullptr) {}

  Role role;
  DeflatePool pool;
  Connection connection;
  Buffer output;
  std::deque<std::string> sent;  // messages that the peer has not got yet
  std::string fragments;         // of the message that is not final yet
  bool in_message = false;
  std::optional<std::string> close;  // code and reason that the peer will see
  std::string last_ping;
};

// What an event says is what the peer did.
void check_event(const Event& event, Side& receiver, Side& sender) {
  switch (event.kind) {
    case Event::Kind::kMessage:
      require(!receiver.connection.close_sent());
      require(!sender.sent.empty() && sender.sent.front() == as_text(event.data));
      sender.sent.pop_front();
      return;
    case Event::Kind::kPong:
      require(as_text(event.data).size() <= receiver.last_ping.size());
      return;
    case Event::Kind::kClose:
      require(receiver.connection.close_received() && receiver.connection.close_sent());
      require(sender.connection.close_sent());
      if (sender.close) require(*sender.close == as_text(event.data));
      return;
    case Event::Kind::kNeedMore:
    case Event::Kind::kPart:
      std::abort();
  }
}

// Brings some bytes from one side to the other.
void deliver(Side& sender, Side& receiver, std::size_t size) {
  Buffer segment;
  segment.append(sender.output.bytes().first(std::min(size, sender.output.size())));
  sender.output.consume(segment.size());
  MutableBytes input = segment.mutable_bytes();
  while (true) {
    const auto event = receiver.connection.receive(input, receiver.output);
    require(event.has_value());
    if (event->kind == Event::Kind::kNeedMore) break;
    check_event(*event, receiver, sender);
  }
  require(input.empty());
  // What came behind our close frame is dropped.
  if (receiver.connection.close_sent()) sender.sent.clear();
}

std::string text_of(std::uint8_t size) {
  // Now and then longer than one and than two bytes can say.
  const std::size_t length = size < 200 ? size : (size - 199U) * 1200U;
  return std::string(length, static_cast<char>('a' + size % 26));
}

void send(Side& side, std::uint8_t verb, const std::string& text) {
  const bool open = !side.connection.close_sent();
  switch (verb % 8) {
    case 0:
    case 1: {
      if (side.in_message) return;
      side.connection.send(verb % 8 == 0 ? Opcode::kText : Opcode::kBinary, as_bytes(text),
                           side.output);
      if (open) side.sent.push_back(text);
      return;
    }
    case 2: {
      if (side.fragments.size() + text.size() > kLimits.max_message) return;
      const bool final = text.size() % 2 == 0;
      side.connection.send_fragment(Opcode::kText, as_bytes(text), final, side.output);
      if (!open) return;
      side.fragments += text;
      side.in_message = !final;
      if (!final) return;
      side.sent.push_back(std::move(side.fragments));
      side.fragments.clear();
      return;
    }
    case 3: {
      if (side.in_message || side.role == Role::kClient) return;
      side.connection.send(PreparedMessage(Opcode::kText, as_bytes(text), &side.pool), side.output);
      if (open) side.sent.push_back(text);
      return;
    }
    case 4:
      side.connection.ping(as_bytes(text), side.output);
      side.last_ping = std::max(side.last_ping, text.substr(0, kMaxControlPayload),
                                [](const auto& a, const auto& b) { return a.size() < b.size(); });
      return;
    case 5:
      side.connection.close(static_cast<CloseCode>(1000 + text.size() % 20), text, side.output);
      require(side.connection.close_sent());
      return;
    case 6:
      side.connection.hold_pongs();
      return;
    default:
      side.connection.release_pong(side.output);
      return;
  }
}

void run(Bytes script) {
  Reader reader(script);
  const std::uint8_t flags = reader.u8();
  const DeflateParameters parameters{(flags & 1) != 0, (flags & 2) != 0, 10, 12};
  const auto memory = (flags & 4) != 0 ? DeflateMemory::kDedicated : DeflateMemory::kWindow;
  std::array<Side, 2> sides = {Side(Role::kServer, parameters, (flags & 8) != 0, memory),
                               Side(Role::kClient, parameters, (flags & 8) != 0, memory)};
  while (!reader.empty()) {
    const std::uint8_t step = reader.u8();
    const std::uint8_t argument = reader.empty() ? 0 : reader.u8();
    Side& side = sides[step & 1];
    Side& peer = sides[(step & 1) ^ 1];
    if ((step & 2) != 0) {
      deliver(side, peer, argument < 128 ? argument + 1U : 1U << 20);
    } else {
      const std::size_t before = side.output.size();
      const bool closed = side.connection.close_sent();
      send(side, step >> 2, text_of(argument));
      require(!closed || side.output.size() == before);
    }
  }
  // At last everything arrives.
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 2; ++i) {
      sides[i].connection.release_pong(sides[i].output);
      deliver(sides[i], sides[i ^ 1], 1U << 30);
    }
  }
  for (Side& side : sides) require(side.sent.empty() && side.output.empty());
  require(sides[0].connection.close_received() == sides[1].connection.close_received());
  require(sides[0].connection.close_sent() == sides[1].connection.close_sent());
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1) heliograph::ws::run({data, size});
  return 0;
}
