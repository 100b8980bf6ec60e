// Finds the end of a head, and refuses the bytes that may stand nowhere in one. Every byte is
// looked at once, however the head was cut into segments.
//
//        ┌──── any byte ────┐            ┌─ SP or HTAB: a folded field, refused
//        ▼                  │            │
//   ── kInLine ─── CR ──▶ kAfterCr ─ LF ▶ kLineStart ─── CR ──▶ kAfterLastCr ─ LF ▶ complete
//        ▲                                │
//        └────────── any byte ────────────┘
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/error.hpp"

namespace heliograph::http {

class HeadScanner {
 public:
  // Looks at the bytes that follow those of the last call. The result is the number of them that
  // belong to the head once its blank line has been seen, and nothing before.
  Result<std::optional<std::size_t>, Error> scan(Bytes bytes);

  // How many bytes have been looked at.
  [[nodiscard]] std::size_t scanned() const { return scanned_; }

 private:
  enum class State : std::uint8_t { kInLine, kAfterCr, kLineStart, kAfterLastCr, kComplete };

  Result<State, Error> next(std::uint8_t byte);

  std::uint32_t scanned_ = 0;
  State state_ = State::kInLine;
  bool start_line_ended_ = false;
};

}  // namespace heliograph::http
