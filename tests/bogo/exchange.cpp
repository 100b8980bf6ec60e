#include "tests/bogo/exchange.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/bogo/expectations.hpp"
#include "tests/bogo/identifiers.hpp"
#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {
namespace {

using Kind = tls::Event::Kind;
using Outcome = tls::EarlyDataOutcome;

std::string first_write_of(const Settings& settings) {
  std::string text;
  if (settings.read_with_unfinished_write) return settings.shim_initial_write;
  if (!settings.shim_writes_first) return text;
  for (std::size_t i = 0; i < settings.repeat_shim_initial_write; ++i) {
    text += settings.shim_initial_write;
  }
  return text;
}

}  // namespace

Exchange::Exchange(const Settings& settings, const Settings& retry, bool is_resumption,
                   Transport& transport, Endpoint& endpoint)
    : settings_(&settings),
      retry_(retry),
      is_resumption_(is_resumption),
      transport_(transport),
      endpoint_(endpoint),
      connection_(endpoint.connection()),
      first_write_(first_write_of(settings)) {}

void Exchange::run() {
  shake_hands();
  if (!settings_->implicit_handshake) {
    check_handshake(*settings_, is_resumption_, connection_);
  }
  if (settings_->handshake_twice || settings_->no_op_extra_handshake) repeat_handshake();
  if (settings_->export_keying_material > 0) export_keying_material();
  if (settings_->write_different_record_sizes) write_different_record_sizes();
  write_first();
  if (!settings_->shim_shuts_down) echo();
  if (!settings_->server) check_session(*settings_, endpoint_);
  shut_down();
}

void Exchange::shake_hands() {
  endpoint_.start(output_);
  offer_early_data();
  transport_.send(output_);
  for (;;) {
    const tls::Event event = receive();
    if (event.kind == Kind::kHandshakeComplete) break;
    // A server that has accepted early data may speak before the client's handshake is over.
    if (connection_.can_send()) write_first();
    if (event.kind == Kind::kEarlyData) {
      answer(event.data);
    } else if (event.kind != Kind::kNeedMore) {
      throw Failure{"data before the handshake's end"};
    } else if (!advance()) {
      throw Failure{"the input ended during the handshake"};
    }
  }
  if (!settings_->server && connection_.negotiated().early_data == Outcome::kRejected) try_again();
}

void Exchange::offer_early_data() {
  const std::size_t room = endpoint_.early_data_room();
  if (settings_->expect_no_offer_early_data && is_resumption_ && room > 0) {
    throw Failure{"early data is offered"};
  }
  if (room == 0) return;
  if (settings_->export_keying_material > 0) export_keying_material();
  while (first_written_ < first_write_.size() && endpoint_.early_data_room() > 0) {
    const Bytes piece = next_piece_of_first_write(endpoint_.early_data_room());
    endpoint_.send_early_data(piece, output_);
  }
}

// Each repetition is a write of its own.
Bytes Exchange::next_piece_of_first_write(std::size_t room) {
  const std::size_t unit = settings_->shim_initial_write.size();
  const std::size_t size = std::min(unit - first_written_ % unit, room);
  const Bytes piece = as_bytes(first_write_).subspan(first_written_, size);
  first_written_ += size;
  return piece;
}

// What was sent early was never read, and is sent again under the settings for this case.
void Exchange::try_again() {
  settings_ = &retry_;
  first_write_ = first_write_of(retry_);
  first_written_ = 0;
}

// Asking again for what is done changes nothing.
void Exchange::repeat_handshake() {
  MutableBytes nothing;
  const auto event = connection_.receive(nothing, output_);
  if (!event || event->kind != Kind::kNeedMore || !output_.empty()) {
    throw Failure{"a complete handshake went on"};
  }
}

void Exchange::export_keying_material() {
  if (!connection_.established()) throw Failure{":HANDSHAKE_NOT_COMPLETE:"};
  std::vector<std::uint8_t> material(settings_->export_keying_material);
  if (!connection_.export_keying_material(settings_->export_label,
                                          as_bytes(settings_->export_context), material)) {
    throw Failure{"failed to export keying material"};
  }
  send(material);
  transport_.send(output_);
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
  if (first_written_ == first_write_.size()) return;
  while (first_written_ < first_write_.size()) send(next_piece_of_first_write(first_write_.size()));
  if (settings_->read_with_unfinished_write) {
    transport_.send(output_, 1);
    holds_output_ = true;
  } else {
    transport_.send(output_);
  }
}

void Exchange::echo() {
  for (;;) {
    if (settings_->key_update_before_read) update_keys();
    const auto event = next();
    if (!event || event->kind == Kind::kCloseNotify) return;
    holds_output_ = false;
    transport_.send(output_);
    if (settings_->key_update) update_keys();
    answer(event->data);
  }
}

void Exchange::answer(MutableBytes data) {
  for (std::uint8_t& byte : data) byte ^= 0xff;
  send(data);
  transport_.send(output_);
}

void Exchange::shut_down() {
  if (!settings_->check_close_notify) return;
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
    const tls::Event event = receive();
    if (event.kind == Kind::kSession) {
      endpoint_.keep_session();
    } else if (event.kind != Kind::kNeedMore) {
      return event;
    } else if (!advance()) {
      return std::nullopt;
    }
  }
}

tls::Event Exchange::receive() {
  const auto event = connection_.receive(input_, output_);
  if (!holds_output_ || !event) transport_.send(output_);
  if (!event) give_up(event.error());
  return *event;
}

bool Exchange::advance() {
  if (unseen_.empty()) unseen_ = transport_.receive();
  if (unseen_.empty()) return false;
  input_ = take_front(unseen_, settings_->async ? 1 : unseen_.size());
  return true;
}

void Exchange::send(Bytes data) {
  connection_.send({&data, 1}, output_);
}

void Exchange::update_keys() {
  connection_.update_keys(tls::KeyUpdateRequest::kUpdateNotRequested, output_);
}

void Exchange::give_up(tls::Error error) {
  // A test that admits TLS 1.2 and offers nothing newer is a test of TLS 1.2.
  const bool no_version = error == tls::Error::kUnsupportedVersion ||
                          connection_.peer_alert() == tls::AlertDescription::kProtocolVersion;
  if (no_version && settings_->allows_tls12()) throw Unimplemented{"TLS 1.2"};
  throw Failure{identifier_of(error, *settings_, connection_.peer_alert()) + '\n' +
                std::string(tls::describe(error))};
}

}  // namespace heliograph::bogo
