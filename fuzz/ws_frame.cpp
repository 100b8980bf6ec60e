// Frames: whole, in segments and byte by byte the machine returns the same events, the same error
// and the same close frame, which are those of a naive reader; what it sends is readable, and
// bounded by what it read.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "require.hpp"
#include "tests/ws/reference.hpp"
#include "ws/connection.hpp"
#include "ws/frame.hpp"
#include "ws/utf8.hpp"

namespace heliograph::ws {
namespace {

constexpr Limits kLimits = {.max_message = 1000, .max_frames_per_message = 8};

struct Outcome {
  std::vector<std::string> events;
  std::vector<std::string> closes;
  std::optional<Error> error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::string summary(const Event& event) {
  if (event.kind == Event::Kind::kMessage) {
    require(event.data.size() <= kLimits.max_message);
    require(event.opcode == Opcode::kBinary || is_utf8(event.data));
  }
  const std::string data(as_text(event.data));
  switch (event.kind) {
    case Event::Kind::kMessage:
      return (event.opcode == Opcode::kText ? "text:" : "binary:") + data;
    case Event::Kind::kPong:
      return "pong:" + data;
    case Event::Kind::kClose:
      return "close:" + std::to_string(static_cast<int>(event.code)) + ":" + data;
    case Event::Kind::kNeedMore:
    case Event::Kind::kPart:
      break;
  }
  std::abort();
}

// The payloads of the close frames in `output`, in which nothing but pongs stands beside them.
std::vector<std::string> read_closes(Bytes output, Role sender) {
  const Role receiver = other(sender);
  std::vector<std::string> closes;
  while (!output.empty()) {
    require(closes.empty());
    const auto head = parse_frame_head(output, {receiver, false});
    require(head && *head && output.size() - (*head)->size >= (*head)->length);
    const Bytes payload = output.subspan((*head)->size, (*head)->length);
    if ((*head)->opcode == Opcode::kClose) {
      std::vector<std::uint8_t> copy(payload.begin(), payload.end());
      apply_mask(copy, (*head)->mask);
      closes.emplace_back(as_text(copy));
    } else {
      require((*head)->opcode == Opcode::kPong);
    }
    output = output.subspan((*head)->size + (*head)->length);
  }
  return closes;
}

Outcome read(Role role, Bytes bytes, std::size_t segment_size) {
  Connection connection(role, kLimits);
  Outcome outcome;
  Buffer output;
  for (std::size_t at = 0; at < bytes.size(); at += segment_size) {
    Buffer segment;
    segment.append(bytes.subspan(at, std::min(segment_size, bytes.size() - at)));
    MutableBytes input = segment.mutable_bytes();
    while (true) {
      const auto event = connection.receive(input, output);
      if (!event) {
        outcome.error = event.error();
        break;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      outcome.events.push_back(summary(*event));
    }
    require(input.empty());
  }
  constexpr std::size_t kCloseFrame = kMaxHeaderSize + kMaxControlPayload;
  // An empty ping to a client is 2 bytes, and its pong 6.
  require(output.size() <= bytes.size() * (role == Role::kServer ? 1 : 3) + kCloseFrame);
  outcome.closes = read_closes(output.bytes(), role);
  require(!outcome.error || connection.expects_tcp_close());
  return outcome;
}

void compare_with_reference(Role role, Bytes bytes, const Outcome& outcome) {
  const auto expected = reference::Reader(role, kLimits).read(as_text(bytes));
  require(outcome.events == expected.events);
  require(outcome.closes == expected.closes);
  require(outcome.error == expected.error);
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using heliograph::ws::Role;
  if (size < 2) return 0;
  const heliograph::Bytes bytes(data + 1, size - 1);
  const Role role = (data[0] & 0x80) != 0 ? Role::kServer : Role::kClient;
  const auto whole = heliograph::ws::read(role, bytes, bytes.size());
  heliograph::ws::compare_with_reference(role, bytes, whole);
  if (heliograph::ws::read(role, bytes, (data[0] & 0x7fU) + 1) != whole) std::abort();
  if (heliograph::ws::read(role, bytes, 1) != whole) std::abort();
  return 0;
}
