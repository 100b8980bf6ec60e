// permessage-deflate, the payload (RFC 7692 section 7.2): what a connection remembers, and where.
//
// A stream of zlib costs up to 300 KiB, and an idle connection should cost nothing. So the streams
// belong to the loop, in a DeflatePool, and serve one message at a time; what distinguishes the
// connections is what they remember of earlier messages:
//
//   DeflateMemory   for each connection                      compresses
//   kShared         nothing: every message stands alone      least
//   kWindow         its last 2^window_bits bytes each way,   well; each message costs the
//                   given to the pool's stream               reading of the window
//   kDedicated      streams of its own                       well, and fastest
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ws/deflate_budget.hpp"
#include "ws/deflate_negotiation.hpp"
#include "ws/deflate_stream.hpp"
#include "ws/error.hpp"
#include "ws/frame.hpp"

namespace heliograph::ws {

enum class DeflateMemory : std::uint8_t { kShared, kWindow, kDedicated };

// The streams of one loop, made when they are first needed. Not for several threads.
class DeflatePool {
 public:
  explicit DeflatePool(int level = kDefaultDeflateLevel) : level_(level) {}

  [[nodiscard]] int level() const { return level_; }
  // As Deflater and Inflater do, behind `window`.
  void compress(Bytes window, std::uint8_t window_bits, std::span<const Bytes> pieces, Buffer& out);
  Result<void, Error> decompress(Bytes window, Bytes message, std::size_t limit, Buffer& out);

 private:
  int level_;
  std::array<std::optional<Deflater>, kMaxWindowBits - kMinDeflateWindowBits + 1> deflaters_;
  std::optional<Inflater> inflater_;
};

// The last bytes of a stream of messages, in at most `capacity` bytes of memory.
class SlidingWindow {
 public:
  explicit SlidingWindow(std::size_t capacity) : capacity_(capacity) {}

  void append(Bytes bytes);
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::size_t memory() const { return bytes_.capacity(); }

 private:
  std::size_t capacity_;  // 0: remembers nothing
  std::vector<std::uint8_t> bytes_;
};

// One connection's side of the extension.
class MessageDeflate {
 public:
  // The pool must outlive this; with kDedicated it only says how hard to compress. `share` is what
  // was reserved for it, see deflate_cost().
  MessageDeflate(Role role, const DeflateParameters& parameters, DeflatePool& pool,
                 DeflateMemory memory = DeflateMemory::kWindow, DeflateBudget::Share share = {});

  // Appends the message, compressed. False if it would not become shorter, or the window is below
  // kMinDeflateWindowBits: then nothing is appended or remembered, and it is to be sent as it is.
  bool compress(std::span<const Bytes> pieces, Buffer& out);
  // Appends the plain message, of at most `limit` bytes.
  Result<void, Error> decompress(Bytes message, std::size_t limit, Buffer& out);
  // What this side sends depends on nothing that was sent before.
  [[nodiscard]] bool sends_alone() const { return !sends_with_context_; }
  [[nodiscard]] const DeflateParameters& parameters() const { return parameters_; }

 private:
  struct Streams {
    std::optional<Deflater> deflater;
    std::optional<Inflater> inflater;
  };

  void compress_dedicated(std::span<const Bytes> pieces, Buffer& out);
  Result<void, Error> decompress_dedicated(Bytes message, std::size_t limit, Buffer& out);

  DeflatePool* pool_;
  std::unique_ptr<Streams> own_;  // with kDedicated
  DeflateParameters parameters_;
  std::uint8_t send_bits_;
  bool sends_with_context_;
  bool receives_with_context_;
  SlidingWindow sent_;
  SlidingWindow received_;
  DeflateBudget::Share share_;
};

// An upper bound of the bytes that a MessageDeflate makes of its own.
std::size_t deflate_cost(Role role, const DeflateParameters& parameters, DeflateMemory memory);

// What a loop gives its connections. Everything must outlive them.
struct DeflateOptions {
  DeflatePool* pool = nullptr;
  DeflateBudget* budget = nullptr;  // of a server; null: no bound
  DeflateMemory memory = DeflateMemory::kShared;
  // The largest windows to agree on; smaller ones save memory unless it is shared.
  std::uint8_t server_max_window_bits = kMaxWindowBits;
  std::uint8_t client_max_window_bits = kMaxWindowBits;

  // What to agree on: with kShared nothing may be remembered.
  [[nodiscard]] DeflateParameters wanted() const;
};

// For a server: null if the budget is spent, and then the extension is to be declined. For a client
// never null: it is bound to what was agreed on, and the budget is not asked. A client with a
// budget reserves deflate_cost() of its offer, which no answer exceeds, before it offers, and gives
// MessageDeflate the share.
std::unique_ptr<MessageDeflate> make_message_deflate(Role role, const DeflateParameters& parameters,
                                                     const DeflateOptions& options);

}  // namespace heliograph::ws
