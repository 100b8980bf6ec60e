#include "tls/receive_half.hpp"

#include <utility>

namespace heliograph::tls {

Result<std::optional<Record>, Error> ReceiveHalf::next_record(MutableBytes& input) {
  return records_.next(input, is_protected() ? kMaxCiphertext : kMaxPlaintext);
}

Result<OpenedRecord, Error> ReceiveHalf::open(const Record& record) {
  auto opened = opener_->open(record, record_size_limit_);
  if (opened || opened.error() != Error::kBadRecordMac) opened_any_ = true;
  return opened;
}

Result<void, Error> ReceiveHalf::install_keys(CipherSuite suite,
                                              const crypto::Secret& traffic_secret) {
  return install(RecordOpener(suite, traffic_secret));
}

Result<void, Error> ReceiveHalf::update_keys() {
  return install(opener_->next());
}

Result<void, Error> ReceiveHalf::require_record_boundary() const {
  if (handshake_.has_unread()) return fail(Error::kHandshakeBytesAtKeyChange);
  return {};
}

Result<void, Error> ReceiveHalf::install(RecordOpener opener) {
  if (auto aligned = require_record_boundary(); !aligned) return aligned;
  opener_ = std::move(opener);
  return {};
}

}  // namespace heliograph::tls
