// Record protection (RFC 9846 sections 5.2 to 5.5): one sealer or opener per direction and epoch.
//
//      struct {
//          opaque content[TLSPlaintext.length];
//          ContentType type;
//          uint8 zeros[length_of_padding];
//      } TLSInnerPlaintext;
//
// The nonce is the static IV, XORed with the 64-bit sequence number of the record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/aead.hpp"
#include "crypto/secret.hpp"
#include "tls/error.hpp"
#include "tls/key_schedule.hpp"
#include "tls/parameters.hpp"
#include "tls/record.hpp"

namespace heliograph::tls {

// AES-GCM may seal 2^24.5 full-size records under one key (section 5.5); beyond that its
// confidentiality margin shrinks. All suites change keys here.
inline constexpr std::uint64_t kRecordsPerKey = 1U << 24;

// The longest padding of a record that this implementation sends.
inline constexpr std::size_t kMaxPadding = 4096;

class Nonce {
 public:
  explicit Nonce(const crypto::AeadNonce& iv) : iv_(iv) {}

  [[nodiscard]] crypto::AeadNonce current() const;
  void advance() { ++sequence_; }
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

 private:
  crypto::AeadNonce iv_;
  std::uint64_t sequence_ = 0;
};

class RecordSealer {
 public:
  // Content is gathered from at most this many pieces per record.
  static constexpr std::size_t kMaxPieces = 15;

  RecordSealer(CipherSuite suite, const crypto::Secret& traffic_secret);

  // Appends one record with the concatenation of `pieces` and `padding` zeros, at most
  // kMaxPlaintext bytes in all.
  void seal(ContentType type, std::span<const Bytes> pieces, std::size_t padding, Buffer& out);
  [[nodiscard]] std::uint64_t records_sealed() const { return nonce_.sequence(); }
  // The sealer of the next epoch.
  [[nodiscard]] RecordSealer next() const;
  // Gives back the memory of the cipher, which the next record makes anew.
  void release_cipher() { key_.reset(); }

 private:
  RecordSealer(CipherSuite suite, const crypto::Secret& traffic_secret, const TrafficKeys& keys);

  CipherSuite suite_;
  crypto::Secret traffic_secret_;
  std::optional<crypto::SealingKey> key_;  // unless released
  Nonce nonce_;
};

// A record after decryption: its real type, and its content without padding.
struct OpenedRecord {
  std::uint8_t type;
  MutableBytes content;
};

class RecordOpener {
 public:
  RecordOpener(CipherSuite suite, const crypto::Secret& traffic_secret);

  // Decrypts in place. The sequence number advances only on success. `max_inner` is the longest
  // TLSInnerPlaintext to accept.
  Result<OpenedRecord, Error> open(const Record& record, std::size_t max_inner = kMaxPlaintext + 1);
  [[nodiscard]] RecordOpener next() const;
  // As that of RecordSealer.
  void release_cipher() { key_.reset(); }

 private:
  RecordOpener(CipherSuite suite, const crypto::Secret& traffic_secret, const TrafficKeys& keys);

  CipherSuite suite_;
  crypto::Secret traffic_secret_;
  std::optional<crypto::OpeningKey> key_;  // unless released
  Nonce nonce_;
};

}  // namespace heliograph::tls
