#include "tls/server.hpp"

#include <utility>

#include "tls/alert.hpp"
#include "tls/key_update.hpp"

namespace heliograph::tls {

ServerConnection::ServerConnection(std::shared_ptr<const ServerConfig> config)
    : config_(std::move(config)), handshake_(std::make_unique<ServerHandshake>(*config_)) {}

Result<Event, Error> ServerConnection::receive(MutableBytes& input, Buffer& output) {
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

EndOfInput ServerConnection::receive_eof() const {
  if (close_received_) return EndOfInput::kClean;
  return established_ ? EndOfInput::kTruncated : EndOfInput::kDuringHandshake;
}

void ServerConnection::send(std::span<const Bytes> plaintext, Buffer& output) {
  if (can_send()) send_.send_application_data(plaintext, output);
}

void ServerConnection::close(Buffer& output) {
  send_.send_alert(AlertDescription::kCloseNotify, output);
}

ServerConnection::Outcome ServerConnection::receive_record(const Record& record, Buffer& output) {
  if (record.type == ContentType::kChangeCipherSpec) return receive_change_cipher_spec(record);
  return receive_.is_protected() ? receive_protected(record, output)
                                 : receive_unprotected(record, output);
}

ServerConnection::Outcome ServerConnection::receive_unprotected(const Record& record,
                                                                Buffer& output) {
  if (record.type == ContentType::kApplicationData) {
    return skip_early_data(record, Error::kApplicationDataBeforeFinished);
  }
  return receive_content(std::to_underlying(record.type), record.payload, output);
}

ServerConnection::Outcome ServerConnection::receive_protected(const Record& record,
                                                              Buffer& output) {
  if (record.type != ContentType::kApplicationData) {
    // A client that cannot go on with our ServerHello has no keys to say so under. Once it has used
    // its keys, an alert without protection comes from somebody else.
    const bool may_be_alert = record.type == ContentType::kAlert && !receive_.has_opened_any();
    return may_be_alert ? receive_alert(record.payload) : fail(Error::kUnprotectedRecord);
  }
  const auto opened = receive_.open(record);
  if (!opened && opened.error() == Error::kBadRecordMac) {
    return skip_early_data(record, Error::kBadRecordMac);
  }
  if (!opened) return fail(opened.error());
  if (handshake_) handshake_->end_early_data();
  return receive_content(opened->type, opened->content, output);
}

ServerConnection::Outcome ServerConnection::receive_content(std::uint8_t type, MutableBytes content,
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

ServerConnection::Outcome ServerConnection::receive_change_cipher_spec(const Record& record) {
  if (receive_.handshake().inside_message()) return fail(Error::kInterleavedHandshakeMessage);
  if (!handshake_) return fail(Error::kUnexpectedChangeCipherSpec);
  if (auto dropped = handshake_->receive_change_cipher_spec(record.payload); !dropped) {
    return fail(dropped.error());
  }
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::receive_handshake(MutableBytes content,
                                                              Buffer& output) {
  if (content.empty()) return fail(Error::kEmptyHandshakeRecord);
  HandshakeReader& reader = receive_.handshake();
  reader.feed(content);
  std::optional<Event> event;
  for (;;) {
    const auto message = reader.next([this](HandshakeType type) { return max_body(type); });
    if (!message) return fail(message.error());
    if (!*message) return event;
    auto outcome =
        handshake_ ? continue_handshake(**message, output) : receive_key_update(**message);
    if (!outcome) return outcome;
    if (*outcome) event = **outcome;
  }
}

ServerConnection::Outcome ServerConnection::receive_application_data(MutableBytes content) {
  if (!established_) return fail(Error::kApplicationDataBeforeFinished);
  if (content.empty()) {
    if (++consecutive_empty_records_ > kMaxConsecutiveEmptyRecords) {
      return fail(Error::kTooManyEmptyRecords);
    }
    return std::nullopt;
  }
  consecutive_empty_records_ = 0;
  if (key_update_credit_ < kKeyUpdateBurst) ++key_update_credit_;
  return Event{Event::Kind::kData, content};
}

ServerConnection::Outcome ServerConnection::receive_alert(MutableBytes content) {
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

ServerConnection::Outcome ServerConnection::skip_early_data(const Record& record, Error otherwise) {
  if (!handshake_) return fail(otherwise);
  const auto skipped = handshake_->skip_early_data(record.header.size() + record.payload.size());
  if (!skipped) return fail(skipped.error());
  if (!*skipped) return fail(otherwise);
  return std::nullopt;
}

std::optional<std::size_t> ServerConnection::max_body(HandshakeType type) const {
  if (handshake_) return handshake_->max_body(type);
  if (type == HandshakeType::kKeyUpdate) return kKeyUpdateBodySize;
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::continue_handshake(const HandshakeMessage& message,
                                                               Buffer& output) {
  if (auto handled = handshake_->receive(message, {send_, receive_, output}); !handled) {
    return fail(handled.error());
  }
  if (!handshake_->complete()) return std::nullopt;
  negotiated_ = handshake_->negotiated();
  handshake_.reset();
  established_ = true;
  return Event{Event::Kind::kHandshakeComplete, {}};
}

ServerConnection::Outcome ServerConnection::receive_key_update(const HandshakeMessage& message) {
  const auto request = parse_key_update(message.body());
  if (!request) return fail(request.error());
  if (key_update_credit_ == 0) return fail(Error::kTooManyKeyUpdates);
  --key_update_credit_;
  if (auto updated = receive_.update_keys(); !updated) return fail(updated.error());
  if (*request == KeyUpdateRequest::kUpdateRequested) send_.owe_key_update();
  return std::nullopt;
}

// "Servers and clients MUST forget the secret values and keys established in failed connections".
void ServerConnection::abort(Error error, Buffer& output) {
  failure_ = error;
  if (const auto alert = alert_for(error)) send_.send_alert(*alert, output);
  send_.shut();
  receive_ = ReceiveHalf();
  handshake_.reset();
}

}  // namespace heliograph::tls
