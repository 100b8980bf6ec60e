// Reads replies and pushes, RESP2 and RESP3 alike, from a stream of bytes that arrives in any
// pieces. Every byte is looked at a constant number of times, whatever the pieces.
//
// A reply that lies in the input as a whole is read in place. Otherwise what has arrived of it
// moves to a spill, and from there on only the bytes that complete it are copied. Memory is taken
// for what has arrived, never for what was announced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "resp/error.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

struct Limits {
  // Aggregates inside one another. Whoever walks a reply with a stack of frames, ours or a
  // caller's, would otherwise let the server choose the size of that stack.
  std::size_t depth = 32;
  // Values in one reply. An empty array is four bytes on the wire and forty in memory: without a
  // bound a reply that passes as small becomes a large tree.
  std::size_t elements = 1'000'000;
  // Bytes of one bulk string. "$9223372036854775807" would make us store whatever comes, for ever.
  std::size_t bulk = std::size_t{64} << 20;
  // Characters of a length, an integer, a double or a boolean. A line that never ends is a bulk
  // string without a limit; no such line of a real server is longer than 24.
  std::size_t header_line = 32;
  // Characters of a simple string, an error or a big number; see header_line.
  std::size_t simple_string = std::size_t{64} << 10;
  // Pairs of one attribute. Nobody asked for them, so they may not weigh more than the reply.
  std::size_t attribute_pairs = 64;
  // Bytes of one reply. The limits above multiply: a million bulk strings of 64 MiB pass them all.
  // Must be below 4 GiB.
  std::size_t reply = std::size_t{128} << 20;
};

// What the parser has done, to show that its work is linear.
struct Usage {
  std::uint64_t scanned = 0;  // bytes searched for the end of a line
  std::uint64_t copied = 0;   // bytes moved to the spill, or together when a string was streamed
};

class Parser {
 public:
  explicit Parser(const Limits& limits = {}) : limits_(limits) {}

  // Consumes from the front of `input`. Returns the next reply; nothing when the input is used up;
  // or an error, after which every call returns the same error. The reply views `input` or the
  // spill, and is valid until the next call. Rewrites consumed bytes of `input` when it joins the
  // parts of a streamed string.
  Result<std::optional<Reply>, Error> receive(MutableBytes& input);

  // Ready for a new connection.
  void reset();

  [[nodiscard]] const Usage& usage() const { return usage_; }

 private:
  // An aggregate whose end has not been reached.
  struct Frame {
    std::uint32_t node = 0;
    std::uint32_t remaining = 0;
    std::uint32_t attributes = 0;  // kAttribute: where the run of attributes began
    bool streamed = false;
  };
  enum class Expect : std::uint8_t { kLine, kBulk, kStreamPart };
  // Whether the value at the top level is whole.
  using Complete = bool;
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  Result<std::optional<Reply>, Error> next(MutableBytes& input);
  bool read_plain_units(Bytes input);
  Complete add_plain(Type type, std::size_t offset, std::size_t size, std::uint64_t bits);
  void open_plain(std::size_t children);
  void recycle();
  Result<MutableBytes, Error> gather(MutableBytes& input);
  Result<std::size_t, Error> missing_of_unit(Bytes held, Bytes fresh);
  [[nodiscard]] Result<std::size_t, Error> longest_line(std::uint8_t type) const;
  Result<std::optional<Reply>, Error> finish(MutableBytes& input);

  Result<Complete, Error> read_unit(MutableBytes unit);
  Result<Complete, Error> read_line(Bytes unit);
  Result<Complete, Error> read_bulk_header(Type type, std::string_view length);
  Result<Complete, Error> expect_bytes(std::size_t size, Expect expect, Type type);
  Result<Complete, Error> read_bulk(Bytes unit);
  Result<Complete, Error> read_stream_part_header(std::string_view length);
  Result<Complete, Error> read_stream_part(MutableBytes unit);
  Result<Complete, Error> read_aggregate(Type type, std::string_view count);
  Result<Complete, Error> read_stream_end(std::string_view rest);

  Result<Complete, Error> add_number(Type type, std::string_view text,
                                     Result<std::uint64_t, Error> bits);
  Result<Complete, Error> add_scalar(Type type, std::string_view text, std::uint64_t bits = 0);
  Result<Complete, Error> open(Type type, std::size_t children, bool streamed);
  Result<std::uint32_t, Error> add_node(Type type);
  bool count_elements(std::size_t more);
  Complete complete_value();
  void close_frame();

  Limits limits_;
  std::vector<Node> nodes_;
  std::vector<Frame> frames_;
  Buffer spill_;
  std::size_t at_ = 0;         // bytes of the reply that have been read
  std::size_t elements_ = 0;   // values that the reply has announced so far
  std::size_t bulk_size_ = 0;  // the bulk string that is being read, without CRLF
  Type bulk_type_ = Type::kBulkString;
  std::uint32_t pending_attributes_ = kNone;
  Expect expect_ = Expect::kLine;
  bool finished_ = false;   // the reply has been handed out
  bool streaming_ = false;  // inside a streamed string
  std::optional<Error> error_;
  Usage usage_;
};

}  // namespace heliograph::resp
