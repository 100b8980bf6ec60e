// One connection's life: the handshake, an echo of everything inverted, and the end.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "tests/bogo/arguments.hpp"
#include "tests/bogo/endpoint.hpp"
#include "tests/bogo/transport.hpp"

namespace heliograph::bogo {

class Exchange {
 public:
  // `retry` takes the place of `settings` if the peer rejects early data.
  Exchange(const Settings& settings, const Settings& retry, bool is_resumption,
           Transport& transport, Endpoint& endpoint);

  // Throws Failure, or Unimplemented when the peer wants a version that the library lacks.
  void run();

 private:
  void shake_hands();
  void offer_early_data();
  void try_again();
  void repeat_handshake();
  void export_keying_material();
  void write_different_record_sizes();
  void write_first();
  Bytes next_piece_of_first_write(std::size_t room);
  void echo();
  void answer(MutableBytes data);
  void shut_down();

  // The next event, with sessions stored on the way; nothing at the end of the transport's input.
  std::optional<tls::Event> next();
  // One step of the machine. All output has left afterwards.
  tls::Event receive();
  // Lets the machine see more of the input: one byte if the test is to be that slow. False at the
  // end of the input.
  bool advance();
  void send(Bytes data);
  void update_keys();
  [[noreturn]] void give_up(tls::Error error);

  const Settings* settings_;
  const Settings& retry_;
  bool is_resumption_;
  Transport& transport_;
  Endpoint& endpoint_;
  tls::Connection& connection_;
  // What is to be written before anything is read.
  std::string first_write_;
  std::size_t first_written_ = 0;
  // What the transport has brought and the machine has not been shown, and what it was shown and
  // has not consumed.
  MutableBytes unseen_;
  MutableBytes input_;
  Buffer output_;
  // Output that is kept back until data has been read.
  bool holds_output_ = false;
};

}  // namespace heliograph::bogo
