// Every way in which a peer can break TLS, and the alert that answers each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tls/alert.hpp"

namespace heliograph::tls {

enum class Error : std::uint8_t {
  // The first bytes are an HTTP request line: somebody typed http:// at the TLS port.
  kHttpRequest,
  // The peer ended the connection with an error alert; see peer_alert().
  kAlertReceived,
  // The peer said close_notify before the handshake was complete.
  kCloseDuringHandshake,

  // Records (RFC 9846 section 5).
  kUnknownContentType,
  kRecordTooLong,
  kPlaintextTooLong,
  kEmptyHandshakeRecord,
  kEmptyAlertRecord,
  kTooManyEmptyRecords,
  kOnlyPadding,
  kBadRecordMac,
  kUnprotectedRecord,
  kApplicationDataBeforeFinished,
  kUnexpectedChangeCipherSpec,
  kBadChangeCipherSpec,
  kTooManyChangeCipherSpecs,
  kBadAlert,
  kTooManyWarningAlerts,
  kInterleavedHandshakeMessage,
  kHandshakeBytesAtKeyChange,
  kTooMuchEarlyData,

  // Handshake messages (section 4).
  kUnexpectedMessage,
  kHandshakeMessageTooLong,
  kMalformedClientHello,
  kMalformedExtension,
  kDuplicateExtension,
  kMisplacedExtension,
  kUnsolicitedExtension,
  kPreSharedKeyNotLast,
  kPreSharedKeyWithoutModes,
  kBinderCountMismatch,
  kBinderMismatch,
  kBadCompressionMethods,
  kBadServerName,
  kDuplicateKeyShare,
  kKeyShareWithoutGroup,
  kBadKeyShare,
  kMissingSupportedGroups,
  kMissingKeyShare,
  kMissingSignatureAlgorithms,
  kUnsupportedVersion,
  kNoCommonCipherSuite,
  kNoCommonGroup,
  kNoCommonSignatureScheme,
  kNoCommonApplicationProtocol,
  kRetryWithoutKeyShare,
  kRetryChangedHello,
  kRetryWithEarlyData,
  kRetryWithoutPreSharedKey,
  kMalformedServerHello,
  kSessionIdNotEchoed,
  kUnofferedCipherSuite,
  kUnofferedVersion,
  kUnofferedGroup,
  kUnofferedPreSharedKey,
  kUnofferedProtocol,
  kUnofferedEarlyData,
  kSecondRetryRequest,
  kRetryChangesNothing,
  kBadRecordSizeLimit,
  kMalformedEncryptedExtensions,
  kMalformedCertificateRequest,
  kMalformedCertificate,
  kEmptyCertificate,
  kMalformedCompressedCertificate,
  kUnofferedCompression,
  kBadCompressedCertificate,
  kMalformedCertificateVerify,
  kUnofferedSignatureScheme,
  kBadSignature,
  kMalformedFinished,
  kFinishedMismatch,
  kMalformedNewSessionTicket,
  kMalformedKeyUpdate,
  kBadKeyUpdateRequest,
  kTooManyPostHandshakeMessages,

  // The peer's certificate (section 4.5.1.4 and RFC 5280).
  kCertificateRequired,
  kCertificateUnparsable,
  kCertificateUnsupportedKey,
  kCertificateKeyUsage,
  kCertificateUnknownIssuer,
  kCertificateExpired,
  kCertificateNotYetValid,
  kCertificateWrongName,
  kCertificateWrongPurpose,
  kCertificateInvalid,
  kCertificateRefused,

  // Not the peer's doing: a cryptographic operation of ours failed.
  kInternal,
};

// The last enumerator: a test walks over all of them.
inline constexpr Error kLastError = Error::kInternal;

// The alert that tells the peer, or nothing where none is sent: to plain HTTP, and to a peer that
// has itself ended the connection with an alert.
std::optional<AlertDescription> alert_for(Error error);

// One line for a log; names nothing secret.
std::string_view describe(Error error);

}  // namespace heliograph::tls
