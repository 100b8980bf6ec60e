// permessage-deflate, the payload (RFC 7692 section 7.2), over zlib.
//
// A stream of zlib costs up to 300 KiB, and an idle connection should cost nothing. So the streams
// belong to the loop, in a DeflatePool, and serve one message at a time; what distinguishes the
// connections is what they remember of earlier messages:
//
//   nothing      with no_context_takeover: every message stands alone
//   a window     its last 2^window_bits bytes, given to the pool's stream as a dictionary
//
// or, for the few that compress much, a pool of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ws/deflate_negotiation.hpp"
#include "ws/error.hpp"
#include "ws/frame.hpp"

struct z_stream_s;  // NOLINT(readability-identifier-naming): a name of zlib

namespace heliograph::ws {

// The streams of one loop, made when they are first needed. Not for several threads.
class DeflatePool {
 public:
  // `level`: 1 (fastest) to 9.
  explicit DeflatePool(int level = 1);
  ~DeflatePool();
  DeflatePool(const DeflatePool&) = delete;
  DeflatePool& operator=(const DeflatePool&) = delete;

  // Appends the message, compressed behind `window`, without the four bytes that every message
  // ends with.
  void compress(Bytes window, std::uint8_t window_bits, std::span<const Bytes> pieces, Buffer& out);
  // Appends the plain message. Stops as soon as more than `limit` bytes come out of it.
  Result<void, Error> decompress(Bytes window, Bytes message, std::size_t limit, Buffer& out);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
    bool inflates;
  };
  using Stream = std::unique_ptr<z_stream_s, Deleter>;

  z_stream_s& deflater(std::uint8_t window_bits);
  z_stream_s& inflater();

  int level_;
  std::array<Stream, kMaxWindowBits - kMinDeflateWindowBits + 1> deflaters_;
  Stream inflater_;
};

// The last bytes of a stream of messages.
class SlidingWindow {
 public:
  explicit SlidingWindow(std::size_t capacity) : capacity_(capacity) {}

  void append(Bytes bytes);
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] bool remembers() const { return capacity_ > 0; }

 private:
  std::size_t capacity_;  // 0: remembers nothing
  std::vector<std::uint8_t> bytes_;
};

// One connection's side of the extension.
class MessageDeflate {
 public:
  // The pool must outlive this.
  MessageDeflate(Role role, const DeflateParameters& parameters, DeflatePool& pool);

  void compress(std::span<const Bytes> pieces, Buffer& out);
  Result<void, Error> decompress(Bytes message, std::size_t limit, Buffer& out);
  // What this side sends depends on nothing that was sent before.
  [[nodiscard]] bool sends_alone() const { return !sent_.remembers(); }

 private:
  DeflatePool* pool_;
  std::uint8_t send_bits_;
  SlidingWindow sent_;
  SlidingWindow received_;
};

}  // namespace heliograph::ws
