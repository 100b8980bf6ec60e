#include "tests/bogo/exchange.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/bogo/expectations.hpp"
#include "tests/bogo/identifiers.hpp"
#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {

using Kind = tls::Event::Kind;

void Exchange::run() {
  shake_hands();
  if (!settings_.implicit_handshake) check_expectations(settings_, connection_);
  if (settings_.handshake_twice || settings_.no_op_extra_handshake) repeat_handshake();
  if (settings_.write_different_record_sizes) write_different_record_sizes();
  if (settings_.shim_writes_first || settings_.read_with_unfinished_write) write_first();
  if (!settings_.shim_shuts_down) echo();
  shut_down();
}

void Exchange::shake_hands() {
  const auto event = next();
  if (!event) throw Failure{"the input ended during the handshake"};
  if (event->kind != Kind::kHandshakeComplete) throw Failure{"data before the handshake's end"};
}

// Asking again for what is done changes nothing.
void Exchange::repeat_handshake() {
  MutableBytes nothing;
  const auto event = connection_.receive(nothing, output_);
  if (!event || event->kind != Kind::kNeedMore || !output_.empty()) {
    throw Failure{"a complete handshake went on"};
  }
}

void Exchange::write_different_record_sizes() {
  static constexpr auto kSizes =
      std::to_array<std::size_t>({0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769});
  for (const std::size_t size : kSizes) {
    send(std::vector<std::uint8_t>(size, 0x42));
    transport_.send(output_);
  }
}

void Exchange::write_first() {
  for (std::size_t i = 0; i < settings_.repeat_shim_initial_write; ++i) {
    send(as_bytes(settings_.shim_initial_write));
  }
  if (settings_.read_with_unfinished_write) {
    transport_.send(output_, 1);
    holds_output_ = true;
  } else {
    transport_.send(output_);
  }
}

void Exchange::echo() {
  while (const auto event = next()) {
    if (event->kind == Kind::kCloseNotify) return;
    holds_output_ = false;
    transport_.send(output_);
    for (std::uint8_t& byte : event->data) byte ^= 0xff;
    send(event->data);
    transport_.send(output_);
  }
}

void Exchange::shut_down() {
  if (!settings_.check_close_notify) return;
  connection_.close(output_);
  transport_.send(output_);
  while (connection_.receive_eof() != tls::EndOfInput::kClean) {
    const auto event = next();
    if (!event) throw Failure{"Unexpected SSL_shutdown result: -1 != 1"};
    if (event->kind == Kind::kData) throw Failure{":APPLICATION_DATA_ON_SHUTDOWN:"};
  }
}

std::optional<tls::Event> Exchange::next() {
  for (;;) {
    const auto event = connection_.receive(input_, output_);
    if (!holds_output_ || !event) transport_.send(output_);
    if (!event) give_up(event.error());
    if (event->kind != Kind::kNeedMore) return *event;
    if (!advance()) return std::nullopt;
  }
}

bool Exchange::advance() {
  if (unseen_.empty()) unseen_ = transport_.receive();
  if (unseen_.empty()) return false;
  input_ = take_front(unseen_, settings_.async ? 1 : unseen_.size());
  return true;
}

void Exchange::send(Bytes data) {
  connection_.send({&data, 1}, output_);
}

void Exchange::give_up(tls::Error error) {
  // A test that admits TLS 1.2 and offers nothing newer is a test of TLS 1.2.
  if (error == tls::Error::kUnsupportedVersion && settings_.allows_tls12()) {
    throw Unimplemented{"TLS 1.2"};
  }
  throw Failure{identifier_of(error, connection_.peer_alert()) + '\n' +
                std::string(tls::describe(error))};
}

}  // namespace heliograph::bogo
