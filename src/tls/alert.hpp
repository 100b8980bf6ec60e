// Alert messages (RFC 9846 section 6): two bytes, a legacy level and a description.
//
// The level of a received alert carries no meaning in TLS 1.3. The level of a sent alert follows
// from its description: close_notify and user_canceled are warnings, all others are fatal.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::tls {

enum class AlertLevel : std::uint8_t { kWarning = 1, kFatal = 2 };

enum class AlertDescription : std::uint8_t {
  kCloseNotify = 0,
  kUnexpectedMessage = 10,
  kBadRecordMac = 20,
  kRecordOverflow = 22,
  kHandshakeFailure = 40,
  kBadCertificate = 42,
  kUnsupportedCertificate = 43,
  kCertificateRevoked = 44,
  kCertificateExpired = 45,
  kCertificateUnknown = 46,
  kIllegalParameter = 47,
  kUnknownCa = 48,
  kAccessDenied = 49,
  kDecodeError = 50,
  kDecryptError = 51,
  kProtocolVersion = 70,
  kInsufficientSecurity = 71,
  kInternalError = 80,
  kInappropriateFallback = 86,
  kUserCanceled = 90,
  kMissingExtension = 109,
  kUnsupportedExtension = 110,
  kUnrecognizedName = 112,
  kBadCertificateStatusResponse = 113,
  kUnknownPskIdentity = 115,
  kCertificateRequired = 116,
  kGeneralError = 117,
  kNoApplicationProtocol = 120,
};

AlertLevel level_of(AlertDescription description);

// The RFC's name, e.g. "handshake_failure"; "unknown" for a number that it does not list.
std::string_view name(AlertDescription description);

std::array<std::uint8_t, 2> encode_alert(AlertDescription description);

// Nothing unless `content` is exactly two bytes. The description may be a number without a name.
std::optional<AlertDescription> decode_alert(Bytes content);

}  // namespace heliograph::tls
