// A dialect turns a client's messages into commands, and events into messages for the client. It is
// the only thing that knows what the wire looks like. One object per worker serves all sessions.
#pragma once

#include "base/bytes.hpp"
#include "signal/effects.hpp"
#include "signal/message.hpp"

namespace heliograph::signal {

class Dialect {
 public:
  // What the clients of a dialect can do.
  struct Traits {
    bool greets = false;        // is told the greeting
    bool has_call_ids = false;  // every call has an id, and hears why a message was refused
    bool can_resume = false;    // may come back to its session after a lost connection
  };

  explicit Dialect(const Traits& traits) : traits_(traits) {}
  Dialect(const Dialect&) = delete;
  Dialect& operator=(const Dialect&) = delete;
  virtual ~Dialect() = default;

  // Any bytes are a command: what cannot be understood is kUnknown. The views point into `message`
  // or into texts kept in `effects`.
  virtual Command read(Bytes message, Effects& effects) = 0;

  // Appends the message that tells the client of `event`, if the dialect has one.
  virtual void write(const Event& event, Effects& effects) = 0;

  [[nodiscard]] const Traits& traits() const { return traits_; }

 private:
  const Traits traits_;
};

}  // namespace heliograph::signal
