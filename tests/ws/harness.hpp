// Drives the machine with a stream cut into segments, and reads what it sent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "tests/ws/reference.hpp"
#include "ws/connection.hpp"
#include "ws/frame.hpp"
#include "ws/mask.hpp"

namespace heliograph::ws {

struct SentFrame {
  Opcode opcode = Opcode::kText;
  std::string payload;

  friend bool operator==(const SentFrame&, const SentFrame&) = default;
};

// The other side's view of what `sender` wrote. Each frame must be final, and masked by a client.
inline std::vector<SentFrame> read_frames(Bytes output, Role sender) {
  std::vector<SentFrame> frames;
  const Role receiver = other(sender);
  while (!output.empty()) {
    const auto head = parse_frame_head(output, {receiver, false});
    if (!head || !*head || output.size() - (*head)->size < (*head)->length) {
      ADD_FAILURE() << "the output is not a sequence of whole frames";
      return frames;
    }
    EXPECT_TRUE((*head)->final);
    const Bytes payload = output.subspan((*head)->size, (*head)->length);
    std::vector<std::uint8_t> copy(payload.begin(), payload.end());
    apply_mask(copy, (*head)->mask);
    frames.push_back({(*head)->opcode, std::string(as_text(copy))});
    output = output.subspan((*head)->size + (*head)->length);
  }
  return frames;
}

// A frame as a peer sends it: masked if `mask` is given.
inline std::string frame(unsigned first_byte, std::string_view payload,
                         std::optional<MaskKey> mask = MaskKey{0x37, 0xfa, 0x21, 0x3d}) {
  const auto opcode = static_cast<Opcode>(first_byte & 15);
  const FrameHeader header = make_frame_header(opcode, {}, payload.size(), mask);
  std::string bytes(as_text(header.view()));
  bytes[0] = static_cast<char>(first_byte);
  std::vector<std::uint8_t> copy(payload.begin(), payload.end());
  apply_mask(copy, mask.value_or(MaskKey{}));
  return bytes.append(as_text(copy));
}

inline std::string describe_event(const Event& event) {
  const std::string data(as_text(event.data));
  switch (event.kind) {
    case Event::Kind::kNeedMore:
      return "need more";
    case Event::Kind::kMessage:
      return (event.opcode == Opcode::kText ? "text:" : "binary:") + data;
    case Event::Kind::kPart:
      return (event.opcode == Opcode::kText ? "text part:" : "binary part:") + data +
             (event.last ? "." : "");
    case Event::Kind::kPong:
      return "pong:" + data;
    case Event::Kind::kClose:
      return "close:" + std::to_string(static_cast<int>(event.code)) + ":" + data;
  }
  return {};
}

// One segment has its own memory, behind which nobody may read.
inline void feed_segment(Connection& connection, std::string_view segment, Buffer& output,
                         reference::Transcript& transcript) {
  std::vector<std::uint8_t> receive_buffer(segment.begin(), segment.end());
  MutableBytes input = receive_buffer;
  while (true) {
    const auto event = connection.receive(input, output);
    if (!event) {
      transcript.error = event.error();
      EXPECT_TRUE(connection.expects_tcp_close());
      EXPECT_TRUE(connection.close_sent());
    } else if (event->kind != Event::Kind::kNeedMore) {
      transcript.events.push_back(describe_event(*event));
      continue;
    }
    EXPECT_TRUE(input.empty());
    return;
  }
}

// `next_size` says how long each segment is.
inline reference::Transcript run(Role role, const Limits& limits, std::string_view stream,
                                 const std::function<std::size_t()>& next_size) {
  Connection connection(role, limits);
  reference::Transcript transcript;
  Buffer output;
  while (!stream.empty()) {
    const std::size_t size = std::clamp<std::size_t>(next_size(), 1, stream.size());
    feed_segment(connection, stream.substr(0, size), output, transcript);
    stream.remove_prefix(size);
  }
  for (const SentFrame& sent : read_frames(output.bytes(), role)) {
    auto& list = sent.opcode == Opcode::kPong ? transcript.pongs : transcript.closes;
    list.push_back(sent.payload);
  }
  return transcript;
}

}  // namespace heliograph::ws
