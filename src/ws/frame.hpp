// The frame header (RFC 6455 section 5.2), parsed and written.
//
//      0               1               2 ... 3/9           then
//    ┌─┬─┬─┬─┬───────┬─┬─────────────┬───────────────────┬────────────────────┐
//    │F│R│R│R│opcode │M│  length (7) │ 16 or 64 more bits│ mask key (4 bytes) │
//    │I│S│S│S│  (4)  │A│             │ if length is 126  │ if MASK is set     │
//    │N│V│V│V│       │S│             │ or 127            │                    │
//    │ │1│2│3│       │K│             │                   │                    │
//    └─┴─┴─┴─┴───────┴─┴─────────────┴───────────────────┴────────────────────┘
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ws/error.hpp"
#include "ws/mask.hpp"

namespace heliograph::ws {

// The role that this side plays on the connection.
enum class Role : std::uint8_t { kServer, kClient };

constexpr Role other(Role role) {
  return role == Role::kServer ? Role::kClient : Role::kServer;
}

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

constexpr bool is_control(Opcode opcode) {
  return opcode >= Opcode::kClose;
}

inline constexpr std::size_t kMaxHeaderSize = 14;
inline constexpr std::size_t kMaxControlPayload = 125;

// A header that was received.
struct FrameHead {
  Opcode opcode = Opcode::kContinuation;
  bool final = false;
  bool compressed = false;   // RSV1, which permessage-deflate gives its meaning
  std::uint64_t length = 0;  // of the payload; below 2^63
  MaskKey mask{};            // zeros in a frame from a server
  std::size_t size = 0;      // of the header, 2 to kMaxHeaderSize
};

// What a header is judged by: our role, whether a fragmented message is under way, and whether
// permessage-deflate was agreed upon.
struct FrameContext {
  Role role = Role::kServer;
  bool in_message = false;
  bool deflate = false;
};

// Reads the header at the front of `input`. Nothing means that more bytes are needed. Every rule
// is checked as soon as the bytes that it is about are there, in their order on the wire.
Result<std::optional<FrameHead>, Error> parse_frame_head(Bytes input, const FrameContext& context);

// A header to be sent: the caller may gather {view(), payload} without a copy of the payload.
struct FrameHeader {
  std::array<std::uint8_t, kMaxHeaderSize> bytes{};
  std::size_t size = 0;

  [[nodiscard]] Bytes view() const { return Bytes(bytes).first(size); }
};

// How a frame is sent.
struct FrameFlags {
  bool final = true;
  bool compressed = false;
};

// Without a mask key, as a server sends it, or with one, as a client does.
FrameHeader make_frame_header(Opcode opcode, FrameFlags flags, std::uint64_t length,
                              const std::optional<MaskKey>& mask = std::nullopt);

}  // namespace heliograph::ws
