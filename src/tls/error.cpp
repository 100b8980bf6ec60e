#include "tls/error.hpp"

namespace heliograph::tls {

std::optional<AlertDescription> alert_for(Error error) {
  switch (error) {
    case Error::kHttpRequest:
    case Error::kAlertReceived:
    case Error::kCloseDuringHandshake:
      return std::nullopt;
    case Error::kNoCommonCipherSuite:
    case Error::kNoCommonGroup:
    case Error::kNoCommonSignatureScheme:
      return AlertDescription::kHandshakeFailure;
    case Error::kUnknownContentType:
    case Error::kEmptyHandshakeRecord:
    case Error::kEmptyAlertRecord:
    case Error::kTooManyEmptyRecords:
    case Error::kOnlyPadding:
    case Error::kUnprotectedRecord:
    case Error::kApplicationDataBeforeFinished:
    case Error::kUnexpectedChangeCipherSpec:
    case Error::kBadChangeCipherSpec:
    case Error::kTooManyChangeCipherSpecs:
    case Error::kTooManyWarningAlerts:
    case Error::kInterleavedHandshakeMessage:
    case Error::kHandshakeBytesAtKeyChange:
    case Error::kTooMuchEarlyData:
    case Error::kUnexpectedMessage:
    case Error::kTooManyKeyUpdates:
      return AlertDescription::kUnexpectedMessage;
    case Error::kRecordTooLong:
    case Error::kPlaintextTooLong:
      return AlertDescription::kRecordOverflow;
    case Error::kBadRecordMac:
      return AlertDescription::kBadRecordMac;
    case Error::kBadAlert:
    case Error::kHandshakeMessageTooLong:
    case Error::kMalformedClientHello:
    case Error::kMalformedExtension:
    case Error::kMalformedServerHello:
    case Error::kMalformedEncryptedExtensions:
    case Error::kMalformedCertificate:
    case Error::kMalformedCertificateVerify:
    case Error::kMalformedFinished:
    case Error::kMalformedKeyUpdate:
      return AlertDescription::kDecodeError;
    case Error::kDuplicateExtension:
    case Error::kMisplacedExtension:
    case Error::kPreSharedKeyNotLast:
    case Error::kBinderCountMismatch:
    case Error::kEarlyDataWithoutPreSharedKey:
    case Error::kBadCompressionMethods:
    case Error::kBadServerName:
    case Error::kDuplicateKeyShare:
    case Error::kKeyShareWithoutGroup:
    case Error::kBadKeyShare:
    case Error::kRetryWithoutKeyShare:
    case Error::kRetryChangedHello:
    case Error::kRetryWithEarlyData:
    case Error::kBadKeyUpdateRequest:
      return AlertDescription::kIllegalParameter;
    case Error::kPreSharedKeyWithoutModes:
    case Error::kMissingSupportedGroups:
    case Error::kMissingKeyShare:
    case Error::kMissingSignatureAlgorithms:
      return AlertDescription::kMissingExtension;
    case Error::kUnsupportedVersion:
      return AlertDescription::kProtocolVersion;
    case Error::kNoCommonApplicationProtocol:
      return AlertDescription::kNoApplicationProtocol;
    case Error::kFinishedMismatch:
      return AlertDescription::kDecryptError;
    case Error::kInternal:
      return AlertDescription::kInternalError;
  }
  return AlertDescription::kInternalError;
}

std::string_view describe(Error error) {
  switch (error) {
    case Error::kHttpRequest:
      return "plain HTTP was spoken to the TLS port";
    case Error::kAlertReceived:
      return "the peer sent an error alert";
    case Error::kCloseDuringHandshake:
      return "the peer closed before the handshake was complete";
    case Error::kUnknownContentType:
      return "a record has a content type that TLS does not know";
    case Error::kRecordTooLong:
      return "a record header declares more bytes than a record may have";
    case Error::kPlaintextTooLong:
      return "a record holds more than 2^14 bytes of content and padding";
    case Error::kEmptyHandshakeRecord:
      return "a handshake record has no content";
    case Error::kEmptyAlertRecord:
      return "an alert record has no content";
    case Error::kTooManyEmptyRecords:
      return "too many empty records in a row";
    case Error::kOnlyPadding:
      return "a protected record has no content type, only padding";
    case Error::kBadRecordMac:
      return "a record cannot be deprotected";
    case Error::kUnprotectedRecord:
      return "a record that must be protected is not";
    case Error::kApplicationDataBeforeFinished:
      return "application data came before Finished";
    case Error::kUnexpectedChangeCipherSpec:
      return "change_cipher_spec came where it has no place";
    case Error::kBadChangeCipherSpec:
      return "change_cipher_spec is not the single byte 1";
    case Error::kTooManyChangeCipherSpecs:
      return "too many change_cipher_spec records";
    case Error::kBadAlert:
      return "an alert record is not one alert of two bytes";
    case Error::kTooManyWarningAlerts:
      return "too many user_canceled alerts";
    case Error::kInterleavedHandshakeMessage:
      return "another record came in the middle of a handshake message";
    case Error::kHandshakeBytesAtKeyChange:
      return "handshake bytes follow a message that changes the keys";
    case Error::kTooMuchEarlyData:
      return "too much early data to skip";
    case Error::kUnexpectedMessage:
      return "a handshake message came out of order";
    case Error::kHandshakeMessageTooLong:
      return "a handshake message is longer than its type allows";
    case Error::kMalformedClientHello:
      return "ClientHello cannot be decoded";
    case Error::kMalformedExtension:
      return "an extension cannot be decoded";
    case Error::kDuplicateExtension:
      return "an extension appears twice";
    case Error::kMisplacedExtension:
      return "an extension appears in a message that may not carry it";
    case Error::kPreSharedKeyNotLast:
      return "pre_shared_key is not the last extension";
    case Error::kPreSharedKeyWithoutModes:
      return "pre_shared_key came without psk_key_exchange_modes";
    case Error::kBinderCountMismatch:
      return "pre_shared_key has not one binder for each identity";
    case Error::kEarlyDataWithoutPreSharedKey:
      return "early_data came without pre_shared_key";
    case Error::kBadCompressionMethods:
      return "legacy_compression_methods is not the single byte 0";
    case Error::kBadServerName:
      return "server_name holds no usable host name";
    case Error::kDuplicateKeyShare:
      return "two key shares for one group";
    case Error::kKeyShareWithoutGroup:
      return "a key share for a group that supported_groups does not list";
    case Error::kBadKeyShare:
      return "a key share is no valid public key";
    case Error::kMissingSupportedGroups:
      return "supported_groups is missing";
    case Error::kMissingKeyShare:
      return "key_share is missing";
    case Error::kMissingSignatureAlgorithms:
      return "signature_algorithms is missing";
    case Error::kUnsupportedVersion:
      return "the client does not offer TLS 1.3";
    case Error::kNoCommonCipherSuite:
      return "no cipher suite in common";
    case Error::kNoCommonGroup:
      return "no group in common";
    case Error::kNoCommonSignatureScheme:
      return "no credential can sign with a scheme that the client offers";
    case Error::kNoCommonApplicationProtocol:
      return "no application protocol in common";
    case Error::kRetryWithoutKeyShare:
      return "the second ClientHello has not one key share, for the group asked for";
    case Error::kRetryChangedHello:
      return "the second ClientHello differs from the first where it may not";
    case Error::kRetryWithEarlyData:
      return "the second ClientHello offers early data";
    case Error::kMalformedServerHello:
      return "ServerHello cannot be decoded";
    case Error::kMalformedEncryptedExtensions:
      return "EncryptedExtensions cannot be decoded";
    case Error::kMalformedCertificate:
      return "Certificate cannot be decoded";
    case Error::kMalformedCertificateVerify:
      return "CertificateVerify cannot be decoded";
    case Error::kMalformedFinished:
      return "Finished has not the length of the hash";
    case Error::kFinishedMismatch:
      return "Finished does not verify";
    case Error::kMalformedKeyUpdate:
      return "KeyUpdate is not one byte";
    case Error::kBadKeyUpdateRequest:
      return "KeyUpdate carries an unknown request";
    case Error::kTooManyKeyUpdates:
      return "too many key updates without data";
    case Error::kInternal:
      return "a cryptographic operation failed";
  }
  return "unknown";
}

}  // namespace heliograph::tls
