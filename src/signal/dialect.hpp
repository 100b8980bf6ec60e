// A dialect turns a client's messages into commands, and events into messages for the client. It is
// the only thing that knows what the wire looks like. One object per worker serves all sessions.
#pragma once

#include "base/bytes.hpp"
#include "signal/effects.hpp"
#include "signal/message.hpp"

namespace heliograph::signal {

class Dialect {
 public:
  Dialect() = default;
  Dialect(const Dialect&) = delete;
  Dialect& operator=(const Dialect&) = delete;
  virtual ~Dialect() = default;

  // Any bytes are a command: what cannot be understood is kUnknown. kReadableTail bytes behind
  // `message` are readable. The views point into `message` or into texts kept in `effects`.
  virtual Command read(Bytes message, Effects& effects) = 0;

  // Appends the message that tells the client of `event`, if the dialect has one.
  virtual void write(const Event& event, Effects& effects) = 0;
};

}  // namespace heliograph::signal
