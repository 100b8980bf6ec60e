#include "http/scanner.hpp"

#include <algorithm>
#include <utility>

#include "base/word.hpp"
#include "http/head.hpp"
#include "http/text.hpp"

namespace heliograph::http {
namespace {

// How many bytes at the front leave a line as it is, or a few less.
std::size_t plain_size(Bytes bytes) {
  constexpr char kDelete = 0x7f;
  return size_before(as_text(bytes), [](std::uint64_t word) {
    return find_less(word, 0x20) | find(word, kDelete);
  });
}

}  // namespace

Result<std::optional<std::size_t>, Error> HeadScanner::scan(Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (state_ == State::kInLine) {
      const std::size_t room = std::min(bytes.size() - i, kMaxHeadSize - scanned_);
      const std::size_t plain = plain_size(bytes.subspan(i, room));
      scanned_ += static_cast<std::uint32_t>(plain);
      i += plain;
      if (i == bytes.size()) break;
    }
    if (scanned_ == kMaxHeadSize) {
      return fail(start_line_ended_ ? Error::kHeadTooLarge : Error::kTargetTooLong);
    }
    ++scanned_;
    const Result<State, Error> state = next(bytes[i]);
    if (!state) return fail(state.error());
    state_ = *state;
    if (state_ == State::kComplete) return i + 1;
  }
  return std::nullopt;
}

Result<HeadScanner::State, Error> HeadScanner::next(std::uint8_t byte) {
  switch (state_) {
    case State::kLineStart:
      if (byte == '\r') return State::kAfterLastCr;
      // A server "MUST either reject the message by sending a 400 (Bad Request) [...] or replace
      // each received obs-fold" (RFC 9112 section 5.2).
      if (byte == ' ' || byte == '\t') return fail(Error::kFoldedField);
      [[fallthrough]];
    case State::kInLine:
      if (byte == '\r') return State::kAfterCr;
      if (byte == '\n') return fail(Error::kBareLineFeed);
      if (is_control(static_cast<char>(byte))) return fail(Error::kControlCharacter);
      return State::kInLine;
    case State::kAfterCr:
      if (byte != '\n') return fail(Error::kBareCarriageReturn);
      start_line_ended_ = true;
      return State::kLineStart;
    case State::kAfterLastCr:
      if (byte != '\n') return fail(Error::kBareCarriageReturn);
      return State::kComplete;
    case State::kComplete:
      break;
  }
  std::unreachable();
}

}  // namespace heliograph::http
