// What a client shows to go on with its session on another connection: where the session is, and
// that it is its own. Base64 without padding of
//
//   ┌──────┬────────┬────────────┬──────────────────┐
//   │ node │ worker │ connection │ 128 random bits  │
//   └─ 4 ──┴── 4 ───┴──── 8 ─────┴──────── 16 ──────┘
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "signal/address.hpp"

namespace heliograph::signal {

inline constexpr std::size_t kResumeSecretSize = 16;
using ResumeSecret = std::array<std::uint8_t, kResumeSecretSize>;

struct ResumeToken {
  Address session;
  ResumeSecret secret{};

  // With a secret that nobody has seen.
  static ResumeToken make(const Address& session);
  static std::optional<ResumeToken> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

// The secret that a session expects back: once, and compared in constant time. A new one may be
// lost on its way to its owner, who then comes with the one before.
class ResumeLock {
 public:
  // The token that opens it from now on; beside it, the one that opened it last.
  ResumeToken renew(const Address& session);
  // The owner has the newest token: no other opens it any more.
  void confirm() { opened_by_.reset(); }
  // Right or wrong: whoever guesses wrong does not keep the owner out.
  [[nodiscard]] bool open(const ResumeSecret& secret);

 private:
  std::optional<ResumeSecret> secret_;
  std::optional<ResumeSecret> opened_by_;
};

}  // namespace heliograph::signal
