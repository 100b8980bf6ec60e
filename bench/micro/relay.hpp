// Two users in a call, without a server around them: what one says is what the other is told.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "signal/dialect.hpp"
#include "signal/effects.hpp"
#include "signal/session.hpp"
#include "signal/settings.hpp"

namespace heliograph::bench {

enum class Speaks : std::uint8_t { kTutorial, kHeliograph };

class Relay {
 public:
  // user1 and user2 have logged in, and user1 has called user2, who has answered.
  explicit Relay(Speaks dialect);

  // Brings a message of user1 to user2. True if that led to one message, which is appended, as one
  // frame of WebSocket, to `output`.
  bool relay(Bytes message, Buffer& output);

  // A message of user1 with a body of so many bytes.
  [[nodiscard]] std::string offer(std::size_t body) const;
  [[nodiscard]] std::string candidate(std::size_t body) const;

 private:
  void log_in(signal::Session& session, std::string_view name);
  bool relay(signal::Session& from, signal::Session& to, Bytes message, Buffer& output);
  [[nodiscard]] std::string say(std::string_view type, std::string_view body,
                                std::string_view to) const;

  Speaks speaks_;
  signal::Settings settings_;
  std::unique_ptr<signal::Dialect> dialect_;
  signal::Session user1_;
  signal::Session user2_;
  signal::Effects said_;
  signal::Effects told_;
};

}  // namespace heliograph::bench
