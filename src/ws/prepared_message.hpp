// A message that many connections are sent: framed once, compressed once, and shared.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "ws/deflate.hpp"
#include "ws/frame.hpp"

namespace heliograph::ws {

// Immutable, so threads may share it; copies share the bytes.
class PreparedMessage {
 public:
  // As a server sends it. With a pool, also compressed, for connections whose messages stand alone
  // (server_no_context_takeover).
  PreparedMessage(Opcode opcode, Bytes data, DeflatePool* pool = nullptr);

  // The frame: compressed if the connection takes that and it was prepared.
  [[nodiscard]] Bytes frame(bool compressed) const {
    return compressed && !frames_->compressed.empty() ? frames_->compressed : frames_->plain;
  }

 private:
  struct Frames {
    std::vector<std::uint8_t> plain;
    std::vector<std::uint8_t> compressed;
  };

  std::shared_ptr<const Frames> frames_;
};

}  // namespace heliograph::ws
