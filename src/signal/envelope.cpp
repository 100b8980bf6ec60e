#include "signal/envelope.hpp"

namespace heliograph::signal {

OwnedEnvelope::OwnedEnvelope(const Envelope& envelope)
    : kind_(envelope.kind),
      has_body_(envelope.body.has_value()),
      gone_(envelope.gone),
      offer_number_(envelope.offer_number),
      from_size_(static_cast<std::uint32_t>(envelope.from.size())),
      to_size_(static_cast<std::uint32_t>(envelope.to.size())),
      call_size_(static_cast<std::uint32_t>(envelope.call.size())),
      from_address_(envelope.from_address) {
  const std::string_view body = envelope.body.value_or("");
  text_.reserve(envelope.from.size() + envelope.to.size() + envelope.call.size() + body.size());
  text_.append(envelope.from).append(envelope.to).append(envelope.call).append(body);
}

Envelope OwnedEnvelope::view() const {
  const std::string_view text = text_;
  Envelope envelope{.kind = kind_,
                    .offer_number = offer_number_,
                    .from = text.substr(0, from_size_),
                    .to = text.substr(from_size_, to_size_),
                    .body = std::nullopt,
                    .from_address = from_address_,
                    .call = text.substr(from_size_ + to_size_, call_size_),
                    .gone = gone_};
  if (has_body_) envelope.body = text.substr(from_size_ + to_size_ + call_size_);
  return envelope;
}

}  // namespace heliograph::signal
