#include "tests/bogo/identifiers.hpp"

#include <cctype>
#include <cstdint>
#include <string_view>
#include <utility>

namespace heliograph::bogo {
namespace {

// Not in the RFC's list any more.
constexpr std::uint8_t kDecompressionFailure = 30;

std::string upper_case(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return result;
}

// The oldest alerts have kept the prefix of the version that brought them.
std::string identifier_of_alert(tls::AlertDescription alert) {
  switch (std::to_underlying(alert)) {
    case kDecompressionFailure:
      return ":SSLV3_ALERT_DECOMPRESSION_FAILURE:";
    case std::to_underlying(tls::AlertDescription::kHandshakeFailure):
      return ":SSLV3_ALERT_HANDSHAKE_FAILURE:";
    default:
      return ":TLSV1_ALERT_" + upper_case(tls::name(alert)) + ':';
  }
}

std::string_view identifier_of_rule(tls::Error error) {
  using enum tls::Error;
  switch (error) {
    case kHttpRequest:
      return ":HTTP_REQUEST:";
    case kAlertReceived:
      return ":ALERT_RECEIVED:";
    case kCloseDuringHandshake:
      return ":HANDSHAKE_FAILURE:";
    case kUnknownContentType:
    case kEmptyHandshakeRecord:
    case kUnexpectedChangeCipherSpec:
    case kApplicationDataBeforeFinished:
    case kInterleavedHandshakeMessage:
      return ":UNEXPECTED_RECORD:";
    case kRecordTooLong:
      return ":ENCRYPTED_LENGTH_TOO_LONG:";
    case kPlaintextTooLong:
      return ":DATA_LENGTH_TOO_LONG:";
    case kEmptyAlertRecord:
    case kBadAlert:
      return ":BAD_ALERT:";
    case kTooManyEmptyRecords:
    case kTooManyChangeCipherSpecs:
      return ":TOO_MANY_EMPTY_FRAGMENTS:";
    case kOnlyPadding:
    case kBadRecordMac:
      return ":DECRYPTION_FAILED_OR_BAD_RECORD_MAC:";
    case kUnprotectedRecord:
      return ":INVALID_OUTER_RECORD_TYPE:";
    case kBadChangeCipherSpec:
      return ":BAD_CHANGE_CIPHER_SPEC:";
    case kTooManyWarningAlerts:
      return ":TOO_MANY_WARNING_ALERTS:";
    case kHandshakeBytesAtKeyChange:
      return ":EXCESS_HANDSHAKE_DATA:";
    case kTooMuchEarlyData:
      return ":TOO_MUCH_SKIPPED_EARLY_DATA:";
    case kUnexpectedMessage:
      return ":UNEXPECTED_MESSAGE:";
    case kHandshakeMessageTooLong:
      return ":EXCESSIVE_MESSAGE_SIZE:";
    case kMalformedClientHello:
      return ":CLIENTHELLO_PARSE_FAILED:";
    case kMalformedExtension:
    case kBadServerName:
      return ":ERROR_PARSING_EXTENSION:";
    case kDuplicateExtension:
      return ":DUPLICATE_EXTENSION:";
    case kMisplacedExtension:
      return ":UNEXPECTED_EXTENSION:";
    case kPreSharedKeyNotLast:
      return ":PRE_SHARED_KEY_MUST_BE_LAST:";
    case kPreSharedKeyWithoutModes:
    case kMissingSignatureAlgorithms:
      return ":MISSING_EXTENSION:";
    case kBinderCountMismatch:
      return ":PSK_IDENTITY_BINDER_COUNT_MISMATCH:";
    case kRetryWithEarlyData:
      return ":UNEXPECTED_EXTENSION_ON_EARLY_DATA:";
    case kBadCompressionMethods:
      return ":INVALID_COMPRESSION_LIST:";
    case kDuplicateKeyShare:
      return ":DUPLICATE_KEY_SHARE:";
    case kKeyShareWithoutGroup:
    case kRetryWithoutKeyShare:
      return ":WRONG_CURVE:";
    case kBadKeyShare:
      return ":BAD_ECPOINT:";
    case kMissingSupportedGroups:
    case kNoCommonGroup:
      return ":NO_SHARED_GROUP:";
    case kMissingKeyShare:
      return ":MISSING_KEY_SHARE:";
    case kUnsupportedVersion:
      return ":UNSUPPORTED_PROTOCOL:";
    case kNoCommonCipherSuite:
      return ":NO_SHARED_CIPHER:";
    case kNoCommonSignatureScheme:
      return ":NO_COMMON_SIGNATURE_ALGORITHMS:";
    case kNoCommonApplicationProtocol:
      return ":NO_APPLICATION_PROTOCOL:";
    case kRetryChangedHello:
      return ":CLIENT_HELLO_CHANGED:";
    case kMalformedServerHello:
    case kMalformedEncryptedExtensions:
    case kMalformedCertificate:
    case kMalformedCertificateVerify:
    case kMalformedKeyUpdate:
    case kBadKeyUpdateRequest:
      return ":DECODE_ERROR:";
    case kMalformedFinished:
    case kFinishedMismatch:
      return ":DIGEST_CHECK_FAILED:";
    case kTooManyPostHandshakeMessages:
      return ":TOO_MANY_KEY_UPDATES:";
    case kUnsolicitedExtension:
      return ":UNEXPECTED_EXTENSION:";
    case kBinderMismatch:
      return ":DIGEST_CHECK_FAILED:";
    case kRetryWithoutPreSharedKey:
      return ":MISSING_EXTENSION:";
    case kSessionIdNotEchoed:
      return ":SERVER_ECHOED_INVALID_SESSION_ID:";
    case kUnofferedCipherSuite:
      return ":WRONG_CIPHER_RETURNED:";
    case kUnofferedVersion:
      return ":UNOFFERED_VERSION:";
    case kUnofferedGroup:
      return ":WRONG_CURVE:";
    case kUnofferedPreSharedKey:
      return ":PSK_IDENTITY_NOT_FOUND:";
    case kUnofferedProtocol:
      return ":INVALID_ALPN_PROTOCOL:";
    case kUnofferedEarlyData:
      return ":UNOFFERED_EARLY_DATA:";
    case kSecondRetryRequest:
      return ":UNEXPECTED_MESSAGE:";
    case kRetryChangesNothing:
      return ":EMPTY_HELLO_RETRY_REQUEST:";
    case kBadRecordSizeLimit:
      return ":ERROR_PARSING_EXTENSION:";
    case kMalformedCertificateRequest:
    case kMalformedCompressedCertificate:
    case kMalformedNewSessionTicket:
      return ":DECODE_ERROR:";
    case kEmptyCertificate:
    case kCertificateRequired:
      return ":PEER_DID_NOT_RETURN_A_CERTIFICATE:";
    case kUnofferedCompression:
      return ":UNKNOWN_CERT_COMPRESSION_ALG:";
    case kBadCompressedCertificate:
      return ":CERT_DECOMPRESSION_FAILED:";
    case kUnofferedSignatureScheme:
      return ":WRONG_SIGNATURE_TYPE:";
    case kBadSignature:
      return ":BAD_SIGNATURE:";
    case kCertificateUnparsable:
      return ":CANNOT_PARSE_LEAF_CERT:";
    case kCertificateUnsupportedKey:
      return ":UNSUPPORTED_ALGORITHM:";
    case kCertificateKeyUsage:
      return ":KEY_USAGE_BIT_INCORRECT:";
    case kCertificateUnknownIssuer:
    case kCertificateExpired:
    case kCertificateNotYetValid:
    case kCertificateWrongName:
    case kCertificateWrongPurpose:
    case kCertificateInvalid:
    case kCertificateRefused:
      return ":CERTIFICATE_VERIFY_FAILED:";
    case kInternal:
      return ":INTERNAL_ERROR:";
  }
  return ":INTERNAL_ERROR:";
}

// In a client, these are about messages of the server's that the runner has no words for.
bool is_unreadable_for_clients(tls::Error error) {
  return error == tls::Error::kBadCompressionMethods ||
         error == tls::Error::kMissingSignatureAlgorithms;
}

}  // namespace

std::string identifier_of(tls::Error error, const Settings& settings,
                          std::optional<tls::AlertDescription> peer_alert) {
  if (!settings.server && is_unreadable_for_clients(error)) return ":DECODE_ERROR:";
  if (error == tls::Error::kAlertReceived && peer_alert) return identifier_of_alert(*peer_alert);
  return std::string(identifier_of_rule(error));
}

}  // namespace heliograph::bogo
