// One connection's life: the handshake, an echo of everything inverted, and the end.
#pragma once

#include <memory>
#include <optional>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "tests/bogo/arguments.hpp"
#include "tests/bogo/endpoint.hpp"
#include "tests/bogo/transport.hpp"

namespace heliograph::bogo {

class Exchange {
 public:
  Exchange(const Settings& settings, Transport& transport, Connection& connection)
      : settings_(settings), transport_(transport), connection_(connection) {}

  // Throws Failure, or Unimplemented when the peer wants a version that the library lacks.
  void run();

 private:
  void shake_hands();
  void repeat_handshake();
  void write_different_record_sizes();
  void write_first();
  void echo();
  void shut_down();

  // The next event; nothing at the end of the transport's input. All output has left before.
  std::optional<tls::Event> next();
  // Lets the machine see more of the input: one byte if the test is to be that slow. False at the
  // end of the input.
  bool advance();
  void send(Bytes data);
  [[noreturn]] void give_up(tls::Error error);

  const Settings& settings_;
  Transport& transport_;
  Connection& connection_;
  // What the transport has brought and the machine has not been shown, and what it was shown and
  // has not consumed.
  MutableBytes unseen_;
  MutableBytes input_;
  Buffer output_;
  // Output that is kept back until data has been read.
  bool holds_output_ = false;
};

}  // namespace heliograph::bogo
