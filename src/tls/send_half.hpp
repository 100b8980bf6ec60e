// Everything about what this side sends: the keys of the current epoch, and what is still owed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/secret.hpp"
#include "tls/alert.hpp"
#include "tls/parameters.hpp"
#include "tls/record.hpp"
#include "tls/record_protection.hpp"

namespace heliograph::tls {

class SendHalf {
 public:
  explicit SendHalf(std::uint64_t records_per_key = kRecordsPerKey)
      : records_per_key_(records_per_key) {}

  // From now on records are protected.
  void install_keys(CipherSuite suite, const crypto::Secret& traffic_secret);

  // Appends the concatenation of `pieces` as records of one type, as few as possible.
  void send(ContentType type, std::span<const Bytes> pieces, Buffer& out);
  void send(ContentType type, Bytes content, Buffer& out) { send(type, {&content, 1}, out); }
  // The same for application data: before a record, the keys change if that is due.
  void send_application_data(std::span<const Bytes> pieces, Buffer& out);
  void send_alert(AlertDescription description, Buffer& out);
  // The middlebox compatibility record (RFC 9846 section D.4), never protected.
  static void send_change_cipher_spec(Buffer& out);

  // The peer asked for a KeyUpdate. It is sent before the next application data, once, however
  // often the peer asks until then.
  void owe_key_update() { key_update_owed_ = true; }

  // Forgets the keys; nothing can be sent any more.
  void shut() {
    sealer_.reset();
    closed_ = true;
  }

  // close_notify or an error alert was sent: nothing may follow.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  void send_record(ContentType type, std::span<const Bytes> pieces, Buffer& out);
  void update_keys_if_due(Buffer& out);

  std::uint64_t records_per_key_;
  std::optional<RecordSealer> sealer_;
  bool key_update_owed_ = false;
  bool closed_ = false;
};

}  // namespace heliograph::tls
