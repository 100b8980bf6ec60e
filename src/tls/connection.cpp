#include "tls/connection.hpp"

#include <algorithm>
#include <utility>

#include "tls/key_schedule.hpp"

namespace heliograph::tls {
namespace {

// HkdfLabel has one byte for the length of the label, "tls13 " included.
constexpr std::size_t kMaxExporterLabel = 255 - 6;
// RFC 5869 section 2.3.
constexpr std::size_t kMaxExporterDigests = 255;

}  // namespace

Connection::Connection(std::unique_ptr<Handshake> handshake) : handshake_(std::move(handshake)) {}

Result<Event, Error> Connection::receive(MutableBytes& input, Buffer& output) {
  while (!failure_ && !close_received_) {
    const auto record = receive_.next_record(input);
    if (record && !*record) return Event{Event::Kind::kNeedMore, {}};
    const Outcome outcome = record ? receive_record(**record, output) : fail(record.error());
    if (!outcome) {
      abort(outcome.error(), output);
    } else if (*outcome) {
      return **outcome;
    }
  }
  input = {};
  if (failure_) return fail(*failure_);
  return Event{Event::Kind::kNeedMore, {}};
}

EndOfInput Connection::receive_eof() const {
  if (close_received_) return EndOfInput::kClean;
  return established_ ? EndOfInput::kTruncated : EndOfInput::kDuringHandshake;
}

bool Connection::can_send() const {
  const bool may_send = established_ || (handshake_ && handshake_->negotiated().early_data ==
                                                           EarlyDataOutcome::kAccepted);
  return may_send && send_.epoch() == Epoch::kApplication && !send_.closed();
}

void Connection::send(std::span<const Bytes> plaintext, Buffer& output) {
  if (can_send()) send_.send_application_data(plaintext, output);
}

void Connection::update_keys(KeyUpdateRequest request, Buffer& output) {
  if (!established_ || !can_send()) return;
  const bool ask = request == KeyUpdateRequest::kUpdateRequested && !key_update_requested_;
  if (ask) key_update_requested_ = true;
  send_.update_keys(
      ask ? KeyUpdateRequest::kUpdateRequested : KeyUpdateRequest::kUpdateNotRequested, output);
}

void Connection::close(Buffer& output) {
  send_.send_alert(AlertDescription::kCloseNotify, output);
}

bool Connection::export_keying_material(std::string_view label, Bytes context,
                                        MutableBytes out) const {
  const std::size_t max_size = kMaxExporterDigests * crypto::digest_size(hash_of(cipher_suite()));
  if (!exporter_secret_ || label.size() > kMaxExporterLabel || out.size() > max_size) return false;
  tls::export_keying_material(hash_of(negotiated_.cipher_suite), *exporter_secret_, label, context,
                              out);
  return true;
}

Connection::Outcome Connection::receive_record(const Record& record, Buffer& output) {
  if (record.type == ContentType::kChangeCipherSpec) return receive_change_cipher_spec(record);
  return receive_.is_protected() ? receive_protected(record, output)
                                 : receive_unprotected(record, output);
}

Connection::Outcome Connection::receive_unprotected(const Record& record, Buffer& output) {
  if (record.type == ContentType::kApplicationData) {
    if (receive_.handshake().inside_message()) return fail(Error::kInterleavedHandshakeMessage);
    return skip_early_data(record, Error::kApplicationDataBeforeFinished);
  }
  return receive_content(std::to_underlying(record.type), record.payload, output);
}

Connection::Outcome Connection::receive_protected(const Record& record, Buffer& output) {
  if (record.type != ContentType::kApplicationData) {
    // A peer that cannot go on with our first flight has no keys to say so under. Once it has used
    // its keys, an alert without protection comes from somebody else.
    const bool may_be_alert = record.type == ContentType::kAlert && !receive_.has_opened_any();
    return may_be_alert ? receive_alert(record.payload) : fail(Error::kUnprotectedRecord);
  }
  const auto opened = receive_.open(record);
  if (!opened && opened.error() == Error::kBadRecordMac) {
    return skip_early_data(record, Error::kBadRecordMac);
  }
  if (!opened) return fail(opened.error());
  if (handshake_) handshake_->end_skipping();
  return receive_content(opened->type, opened->content, output);
}

Connection::Outcome Connection::receive_content(std::uint8_t type, MutableBytes content,
                                                Buffer& output) {
  const auto content_type = static_cast<ContentType>(type);
  if (content_type == ContentType::kHandshake) return receive_handshake(content, output);
  // "If a handshake message is split over two or more records, there MUST NOT be any other records
  // between them."
  if (receive_.handshake().inside_message()) return fail(Error::kInterleavedHandshakeMessage);
  switch (content_type) {
    case ContentType::kAlert:
      return receive_alert(content);
    case ContentType::kApplicationData:
      return receive_application_data(content);
    case ContentType::kChangeCipherSpec:
      return fail(Error::kUnexpectedChangeCipherSpec);
    default:
      return fail(Error::kUnknownContentType);
  }
}

Connection::Outcome Connection::receive_change_cipher_spec(const Record& record) {
  if (receive_.handshake().inside_message()) return fail(Error::kInterleavedHandshakeMessage);
  if (!handshake_) return fail(Error::kUnexpectedChangeCipherSpec);
  if (auto dropped = handshake_->receive_change_cipher_spec(record.payload); !dropped) {
    return fail(dropped.error());
  }
  return std::nullopt;
}

Connection::Outcome Connection::receive_handshake(MutableBytes content, Buffer& output) {
  if (content.empty()) return fail(Error::kEmptyHandshakeRecord);
  HandshakeReader& reader = receive_.handshake();
  reader.feed(content);
  std::optional<Event> event;
  for (;;) {
    const auto message = reader.next([this](HandshakeType type) { return max_body(type); });
    if (!message) return fail(message.error());
    if (!*message) return event;
    auto outcome = handshake_ ? continue_handshake(**message, output) : continue_session(**message);
    if (!outcome) return outcome;
    if (*outcome) event = **outcome;
  }
}

Connection::Outcome Connection::receive_application_data(MutableBytes content) {
  const bool early = handshake_ != nullptr;
  if (early) {
    const auto accepted = handshake_->receive_early_data(content.size());
    if (!accepted) return fail(accepted.error());
    if (!*accepted) return fail(Error::kApplicationDataBeforeFinished);
  }
  if (content.empty()) {
    if (++consecutive_empty_records_ > kMaxConsecutiveEmptyRecords) {
      return fail(Error::kTooManyEmptyRecords);
    }
    return std::nullopt;
  }
  consecutive_empty_records_ = 0;
  warning_alerts_ = 0;
  post_handshake_budget_ = static_cast<std::uint32_t>(
      std::min<std::size_t>(post_handshake_budget_ + content.size(), kPostHandshakeBudget));
  return Event{early ? Event::Kind::kEarlyData : Event::Kind::kData, content};
}

Connection::Outcome Connection::receive_alert(MutableBytes content) {
  if (content.empty()) return fail(Error::kEmptyAlertRecord);
  const auto alert = decode_alert(content);
  if (!alert) return fail(Error::kBadAlert);
  if (*alert == AlertDescription::kUserCanceled) {
    if (++warning_alerts_ > kMaxWarningAlerts) return fail(Error::kTooManyWarningAlerts);
    return std::nullopt;
  }
  if (*alert != AlertDescription::kCloseNotify) {
    peer_alert_ = alert;
    return fail(Error::kAlertReceived);
  }
  if (!established_) return fail(Error::kCloseDuringHandshake);
  close_received_ = true;
  return Event{Event::Kind::kCloseNotify, {}};
}

Connection::Outcome Connection::skip_early_data(const Record& record, Error otherwise) {
  // An empty record would cost the peer nothing of the budget.
  if (!handshake_ || record.payload.empty()) return fail(otherwise);
  const auto skipped = handshake_->skip_early_data(record.payload.size());
  if (!skipped) return fail(skipped.error());
  if (!*skipped) return fail(otherwise);
  return std::nullopt;
}

std::optional<std::size_t> Connection::max_body(HandshakeType type) const {
  if (handshake_) return handshake_->max_body(type);
  if (type == HandshakeType::kKeyUpdate) return kKeyUpdateBodySize;
  return max_post_handshake_body(type);
}

Connection::Outcome Connection::continue_handshake(const HandshakeMessage& message,
                                                   Buffer& output) {
  if (auto handled = handshake_->receive(message, channel(output)); !handled) {
    return fail(handled.error());
  }
  if (!handshake_->complete()) return std::nullopt;
  negotiated_ = handshake_->negotiated();
  if (handshake_->wants_exporters()) {
    exporter_secret_ = std::make_unique<crypto::Secret>(std::move(handshake_->secrets().exporter));
  }
  on_established(handshake_->secrets());
  handshake_.reset();
  established_ = true;
  return Event{Event::Kind::kHandshakeComplete, {}};
}

Connection::Outcome Connection::continue_session(const HandshakeMessage& message) {
  const bool asked_for = message.type == HandshakeType::kKeyUpdate && key_update_requested_;
  if (!asked_for) {
    if (post_handshake_budget_ < kDataPerPostHandshakeMessage) {
      return fail(Error::kTooManyPostHandshakeMessages);
    }
    post_handshake_budget_ -= kDataPerPostHandshakeMessage;
  }
  if (message.type == HandshakeType::kKeyUpdate) return receive_key_update(message);
  return receive_post_handshake(message);
}

Connection::Outcome Connection::receive_key_update(const HandshakeMessage& message) {
  const auto request = parse_key_update(message.body());
  if (!request) return fail(request.error());
  if (auto updated = receive_.update_keys(); !updated) return fail(updated.error());
  key_update_requested_ = false;
  if (*request == KeyUpdateRequest::kUpdateRequested) send_.owe_key_update();
  return std::nullopt;
}

// "Servers and clients MUST forget the secret values and keys established in failed connections".
void Connection::abort(Error error, Buffer& output) {
  failure_ = error;
  if (const auto alert = alert_for(error)) send_.send_alert(*alert, output);
  send_.shut();
  receive_ = ReceiveHalf();
  handshake_.reset();
  exporter_secret_.reset();
  on_failed();
}

}  // namespace heliograph::tls
