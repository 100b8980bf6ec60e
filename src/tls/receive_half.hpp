// Everything about what the peer sends: records, their protection, and the handshake messages
// inside them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "tls/error.hpp"
#include "tls/handshake_message.hpp"
#include "tls/parameters.hpp"
#include "tls/record.hpp"
#include "tls/record_protection.hpp"

namespace heliograph::tls {

class ReceiveHalf {
 public:
  // The next record, still protected if keys are installed; nothing when the input is used up.
  Result<std::optional<Record>, Error> next_record(MutableBytes& input);
  // Requires is_protected().
  Result<OpenedRecord, Error> open(const Record& record);

  // The first and the next read keys of an epoch. Both refuse when any handshake byte, of a
  // complete message or not, is behind the message that changes the keys: it would be read under
  // the wrong keys.
  Result<void, Error> install_keys(CipherSuite suite, const crypto::Secret& traffic_secret);
  Result<void, Error> update_keys();
  // "Implementations MUST verify that all messages immediately preceding a key change align with a
  // record boundary".
  [[nodiscard]] Result<void, Error> require_record_boundary() const;

  // Gives back the memory of the cipher, until it is needed again.
  void release_cipher() {
    if (opener_) opener_->release_cipher();
  }

  [[nodiscard]] bool is_protected() const { return opener_.has_value(); }
  // From the first record on that was deprotected, an unprotected alert is a forgery.
  [[nodiscard]] bool has_opened_any() const { return opened_any_; }
  HandshakeReader& handshake() { return handshake_; }
  // Bytes of records and messages that are not complete.
  [[nodiscard]] std::size_t held() const { return records_.held() + handshake_.held(); }

  // Protected records with more content, counted with its type (RFC 8449), are refused.
  void limit_records(std::size_t record_size_limit) {
    record_size_limit_ = static_cast<std::uint16_t>(record_size_limit);
  }

 private:
  // The one place where read keys change.
  Result<void, Error> install(RecordOpener opener);

  RecordReader records_;
  HandshakeReader handshake_;
  std::optional<RecordOpener> opener_;
  std::uint16_t record_size_limit_ = kMaxPlaintext + 1;
  bool opened_any_ = false;
};

}  // namespace heliograph::tls
