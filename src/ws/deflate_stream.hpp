// One stream of zlib in each direction: raw deflate (RFC 1951), with the ends of messages as
// permessage-deflate has them (RFC 7692 section 7.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ws/error.hpp"

struct z_stream_s;  // NOLINT(readability-identifier-naming): a name of zlib

namespace heliograph::ws {

// Fastest, which for messages as short as ours is hardly behind the best.
inline constexpr int kDefaultDeflateLevel = 1;

// Final blocks in one message, where one is already rare: an empty one is two bytes long, and makes
// us copy the whole window.
inline constexpr std::size_t kMaxFinalBlocks = 16;

class Deflater {
 public:
  // `level`: 1 (fastest) to 9. `window_bits`: kMinDeflateWindowBits to kMaxWindowBits.
  Deflater(int level, std::uint8_t window_bits);

  // Forgets everything but `window`, which was sent last.
  void reset(Bytes window);
  // Appends the message, without the four bytes that every message ends with.
  void compress(std::span<const Bytes> pieces, Buffer& out);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };

  std::unique_ptr<z_stream_s, Deleter> stream_;
};

class Inflater {
 public:
  // Reads streams of every window.
  Inflater();

  // Forgets everything but `window`, which was received last.
  void reset(Bytes window);
  // Appends the plain message. Stops as soon as more than `limit` bytes come out of it, or behind
  // kMaxFinalBlocks. After an error the stream is of no use before reset().
  Result<void, Error> decompress(Bytes message, std::size_t limit, Buffer& out);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };

  // True if the input ended with a block that is the last one of its stream: BFINAL may be set, and
  // another stream follow in the same message or the next one (section 7.2.3.4).
  Result<bool, Error> inflate_all(Bytes input, std::size_t end, Buffer& out);
  // Begins the next stream, which may refer to the one before it.
  void restart();
  // Whether the input ended between two blocks.
  [[nodiscard]] bool between_blocks() const;

  std::unique_ptr<z_stream_s, Deleter> stream_;
  std::size_t final_blocks_ = 0;  // of the message under way
};

// An upper bound of what one of them makes zlib allocate.
std::size_t deflater_memory(std::uint8_t window_bits);
std::size_t inflater_memory();

}  // namespace heliograph::ws
