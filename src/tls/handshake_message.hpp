// The handshake protocol's frame (RFC 9846 section 4): one byte of type, three of length, the
// body. Messages are independent of records: several in one, or one in several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/spill.hpp"

namespace heliograph::tls {

enum class HandshakeType : std::uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kNewSessionTicket = 4,
  kEndOfEarlyData = 5,
  kEncryptedExtensions = 8,
  kCertificate = 11,
  kCertificateRequest = 13,
  kCertificateVerify = 15,
  kFinished = 20,
  kKeyUpdate = 24,
  kCompressedCertificate = 25,
  kMessageHash = 254,
};

inline constexpr std::size_t kHandshakeHeaderSize = 4;

struct HandshakeMessage {
  HandshakeType type;
  // Header and body: what enters the transcript.
  Bytes encoded;

  [[nodiscard]] Bytes body() const { return encoded.subspan(kHandshakeHeaderSize); }
};

// Writes the header when made, and the length of everything appended since at the end of its
// scope.
class HandshakeMessageWriter {
 public:
  HandshakeMessageWriter(Buffer& out, HandshakeType type) : type_(out, type), length_(out) {}

 private:
  struct Type {
    Type(Buffer& out, HandshakeType type) { out.u8(static_cast<std::uint8_t>(type)); }
  };

  Type type_;
  LengthPrefix<3> length_;
};

// Puts messages together again from the content of handshake records.
class HandshakeReader {
 public:
  // The content of the next record. Requires that next() has returned nothing for the last one.
  void feed(MutableBytes content) { unread_ = content; }

  // The next complete message, valid until the next call; nothing when the content is used up.
  //
  // `max_body(type)` is the longest body that this type may have now, or nothing if the type is
  // not acceptable now. It is asked as soon as the header is there, so that neither an unexpected
  // nor an oversized message is ever buffered.
  template <class MaxBody>
  Result<std::optional<HandshakeMessage>, Error> next(const MaxBody& max_body) {
    const auto header = spill_.peek(kHandshakeHeaderSize, unread_);
    if (!header) return std::nullopt;
    const auto type = static_cast<HandshakeType>((*header)[0]);
    const std::size_t length = static_cast<std::size_t>((*header)[1]) << 16 |
                               static_cast<std::size_t>((*header)[2]) << 8 | (*header)[3];
    const std::optional<std::size_t> limit = max_body(type);
    if (!limit) return fail(Error::kUnexpectedMessage);
    if (length > *limit) return fail(Error::kHandshakeMessageTooLong);

    const auto whole = spill_.peek(kHandshakeHeaderSize + length, unread_);
    if (!whole) return std::nullopt;
    spill_.take(whole->size(), unread_);
    return HandshakeMessage{type, *whole};
  }

  // A message has begun and its end has not arrived: no other record may come now.
  [[nodiscard]] bool inside_message() const { return spill_.holds_partial(); }
  [[nodiscard]] std::size_t held() const { return spill_.size(); }
  // Bytes behind the last returned message, complete message or not.
  [[nodiscard]] bool has_unread() const { return !unread_.empty() || spill_.holds_partial(); }

 private:
  Spill spill_;
  MutableBytes unread_;
};

}  // namespace heliograph::tls
