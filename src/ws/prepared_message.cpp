#include "ws/prepared_message.hpp"

#include "base/buffer.hpp"

namespace heliograph::ws {
namespace {

std::vector<std::uint8_t> make_frame(Opcode opcode, FrameFlags flags, Bytes payload) {
  const FrameHeader header = make_frame_header(opcode, flags, payload.size());
  std::vector<std::uint8_t> frame(header.view().begin(), header.view().end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

}  // namespace

PreparedMessage::PreparedMessage(Opcode opcode, Bytes data, DeflatePool* pool) {
  auto frames = std::make_shared<Frames>();
  frames->plain = make_frame(opcode, {}, data);
  if (pool != nullptr) {
    Buffer compressed;
    // The smallest window: every connection that agreed on one can read it.
    pool->compress({}, kMinDeflateWindowBits, {&data, 1}, compressed);
    if (compressed.size() < data.size()) {
      frames->compressed = make_frame(opcode, {.compressed = true}, compressed.bytes());
    }
  }
  frames_ = std::move(frames);
}

}  // namespace heliograph::ws
