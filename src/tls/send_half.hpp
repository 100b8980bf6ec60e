// Everything about what this side sends: the keys of the current epoch, and what is still owed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/secret.hpp"
#include "tls/alert.hpp"
#include "tls/key_update.hpp"
#include "tls/parameters.hpp"
#include "tls/record.hpp"
#include "tls/record_protection.hpp"

namespace heliograph::tls {

// Whose traffic secret protects what is sent.
enum class Epoch : std::uint8_t { kUnprotected, kEarlyData, kHandshake, kApplication };

class SendHalf {
 public:
  explicit SendHalf(std::uint64_t records_per_key = kRecordsPerKey)
      : records_per_key_(records_per_key) {}

  // From now on records are protected.
  void install_keys(Epoch epoch, CipherSuite suite, const crypto::Secret& traffic_secret);
  // A client whose early data was refused by a HelloRetryRequest starts again without protection.
  void remove_keys();
  [[nodiscard]] Epoch epoch() const { return epoch_; }

  // No protected record will hold more content, counted as RFC 8449 does: with its type.
  void limit_records(std::size_t record_size_limit);
  // Protected application data is padded to a multiple of this many bytes; at most kMaxPadding.
  void pad_to_multiple_of(std::size_t block) { padding_block_ = static_cast<std::uint16_t>(block); }

  // Appends the concatenation of `pieces` as records of one type, as few as possible; nothing once
  // closed().
  void send(ContentType type, std::span<const Bytes> pieces, Buffer& out);
  void send(ContentType type, Bytes content, Buffer& out) { send(type, {&content, 1}, out); }
  // The same for application data: before a record, the keys change if that is due.
  void send_application_data(std::span<const Bytes> pieces, Buffer& out);
  void send_alert(AlertDescription description, Buffer& out);
  // The middlebox compatibility record (RFC 9846 section D.4), never protected.
  void send_change_cipher_spec(Buffer& out) const;

  // The peer asked for a KeyUpdate. It is sent before the next application data, once, however
  // often the peer asks until then.
  void owe_key_update() { key_update_owed_ = true; }
  // Sends a KeyUpdate now; the keys change behind it.
  void update_keys(KeyUpdateRequest request, Buffer& out);

  // Gives back the memory of the cipher, until it is needed again.
  void release_cipher() {
    if (sealer_) sealer_->release_cipher();
  }
  // Forgets the keys; nothing can be sent any more.
  void shut() {
    sealer_.reset();
    epoch_ = Epoch::kUnprotected;
    closed_ = true;
  }

  // close_notify or an error alert was sent: nothing may follow, and nothing does.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  void send_record(ContentType type, std::span<const Bytes> pieces, Buffer& out);
  void update_keys_if_due(Buffer& out);

  [[nodiscard]] std::size_t max_content() const { return sealer_ ? max_content_ : kMaxPlaintext; }
  [[nodiscard]] std::size_t padding_for(ContentType type, std::size_t content) const;

  std::uint64_t records_per_key_;
  std::optional<RecordSealer> sealer_;
  std::uint16_t max_content_ = kMaxPlaintext;
  std::uint16_t padding_block_ = 0;
  Epoch epoch_ = Epoch::kUnprotected;
  bool key_update_owed_ = false;
  bool closed_ = false;
};

}  // namespace heliograph::tls
