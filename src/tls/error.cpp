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
    case Error::kTooManyPostHandshakeMessages:
    case Error::kSecondRetryRequest:
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
    case Error::kMalformedCertificateRequest:
    case Error::kEmptyCertificate:
    case Error::kMalformedCompressedCertificate:
    case Error::kMalformedNewSessionTicket:
    case Error::kCertificateUnparsable:
      return AlertDescription::kDecodeError;
    case Error::kDuplicateExtension:
    case Error::kMisplacedExtension:
    case Error::kPreSharedKeyNotLast:
    case Error::kBinderCountMismatch:
    case Error::kBadCompressionMethods:
    case Error::kBadServerName:
    case Error::kDuplicateKeyShare:
    case Error::kKeyShareWithoutGroup:
    case Error::kBadKeyShare:
    case Error::kRetryWithoutKeyShare:
    case Error::kRetryChangedHello:
    case Error::kRetryWithEarlyData:
    case Error::kBadKeyUpdateRequest:
    case Error::kSessionIdNotEchoed:
    case Error::kUnofferedCipherSuite:
    case Error::kUnofferedVersion:
    case Error::kUnofferedGroup:
    case Error::kUnofferedPreSharedKey:
    case Error::kUnofferedProtocol:
    case Error::kUnofferedEarlyData:
    case Error::kRetryChangesNothing:
    case Error::kBadRecordSizeLimit:
    case Error::kUnofferedCompression:
    case Error::kUnofferedSignatureScheme:
      return AlertDescription::kIllegalParameter;
    case Error::kPreSharedKeyWithoutModes:
    case Error::kMissingSupportedGroups:
    case Error::kMissingKeyShare:
    case Error::kMissingSignatureAlgorithms:
    case Error::kRetryWithoutPreSharedKey:
      return AlertDescription::kMissingExtension;
    case Error::kUnsupportedVersion:
      return AlertDescription::kProtocolVersion;
    case Error::kNoCommonApplicationProtocol:
      return AlertDescription::kNoApplicationProtocol;
    case Error::kFinishedMismatch:
    case Error::kBinderMismatch:
    case Error::kBadSignature:
      return AlertDescription::kDecryptError;
    case Error::kUnsolicitedExtension:
      return AlertDescription::kUnsupportedExtension;
    case Error::kBadCompressedCertificate:
    case Error::kCertificateWrongName:
    case Error::kCertificateInvalid:
      return AlertDescription::kBadCertificate;
    case Error::kCertificateRequired:
      return AlertDescription::kCertificateRequired;
    case Error::kCertificateUnsupportedKey:
    case Error::kCertificateKeyUsage:
    case Error::kCertificateWrongPurpose:
      return AlertDescription::kUnsupportedCertificate;
    case Error::kCertificateUnknownIssuer:
      return AlertDescription::kUnknownCa;
    case Error::kCertificateExpired:
    case Error::kCertificateNotYetValid:
      return AlertDescription::kCertificateExpired;
    case Error::kCertificateRefused:
      return AlertDescription::kCertificateUnknown;
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
    case Error::kTooManyPostHandshakeMessages:
      return "too many messages after the handshake without data";
    case Error::kUnsolicitedExtension:
      return "an extension answers one that was not sent";
    case Error::kBinderMismatch:
      return "the binder of the selected pre-shared key does not verify";
    case Error::kRetryWithoutPreSharedKey:
      return "the second ClientHello does not offer the pre-shared keys of the first";
    case Error::kSessionIdNotEchoed:
      return "the server does not echo legacy_session_id";
    case Error::kUnofferedCipherSuite:
      return "the server selects a cipher suite that was not offered";
    case Error::kUnofferedVersion:
      return "the server selects a version that was not offered";
    case Error::kUnofferedGroup:
      return "the server selects a group that was not offered, or not asked for";
    case Error::kUnofferedPreSharedKey:
      return "the server selects a pre-shared key that was not offered or does not fit";
    case Error::kUnofferedProtocol:
      return "the server selects an application protocol that was not offered";
    case Error::kUnofferedEarlyData:
      return "the server accepts early data that it cannot have accepted";
    case Error::kSecondRetryRequest:
      return "a second HelloRetryRequest";
    case Error::kRetryChangesNothing:
      return "a HelloRetryRequest that asks for no change";
    case Error::kBadRecordSizeLimit:
      return "record_size_limit is less than 64";
    case Error::kMalformedCertificateRequest:
      return "CertificateRequest cannot be decoded";
    case Error::kEmptyCertificate:
      return "the server presents no certificate";
    case Error::kMalformedCompressedCertificate:
      return "CompressedCertificate cannot be decoded";
    case Error::kUnofferedCompression:
      return "a certificate is compressed by an algorithm that was not offered";
    case Error::kBadCompressedCertificate:
      return "a compressed certificate does not inflate to what it declares";
    case Error::kUnofferedSignatureScheme:
      return "a signature by a scheme that was not offered or does not fit the key";
    case Error::kBadSignature:
      return "the signature in CertificateVerify does not verify";
    case Error::kMalformedNewSessionTicket:
      return "NewSessionTicket cannot be decoded";
    case Error::kCertificateRequired:
      return "the client presents no certificate, and one is required";
    case Error::kCertificateUnparsable:
      return "the peer's certificate cannot be decoded";
    case Error::kCertificateUnsupportedKey:
      return "the peer's certificate has a key of a kind that is not supported";
    case Error::kCertificateKeyUsage:
      return "the peer's certificate is not made for signing";
    case Error::kCertificateUnknownIssuer:
      return "no trusted authority has issued the peer's certificate";
    case Error::kCertificateExpired:
      return "a certificate of the peer's chain has expired";
    case Error::kCertificateNotYetValid:
      return "a certificate of the peer's chain is not valid yet";
    case Error::kCertificateWrongName:
      return "the peer's certificate is for another name";
    case Error::kCertificateWrongPurpose:
      return "the peer's certificate is made for another purpose";
    case Error::kCertificateInvalid:
      return "the peer's certificate chain does not hold";
    case Error::kCertificateRefused:
      return "the peer's certificate is refused";
    case Error::kInternal:
      return "a cryptographic operation failed";
  }
  return "unknown";
}

}  // namespace heliograph::tls
