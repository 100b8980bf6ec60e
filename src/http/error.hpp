// The rules of an HTTP/1.1 head that a peer can break, one name each, and what is answered.
#pragma once

#include <cstdint>
#include <string_view>

namespace heliograph::http {

enum class Error : std::uint8_t {
  // Bytes (RFC 9112 sections 2.2 and 5.2).
  kBareLineFeed,
  kBareCarriageReturn,
  kControlCharacter,
  kFoldedField,
  // Limits.
  kHeadTooLarge,
  kTargetTooLong,
  kTooManyFields,
  // The start line (RFC 9112 sections 2.3, 3 and 4).
  kMalformedRequestLine,
  kMalformedMethod,
  kMalformedTarget,
  kMalformedVersion,
  kUnsupportedVersion,
  kMalformedStatusLine,
  // Field lines (RFC 9112 sections 3.2 and 5).
  kMissingColon,
  kSpaceBeforeColon,
  kMalformedFieldName,
  kMissingHost,
  kRepeatedHost,
  kMalformedHost,
  // Where a body would end (RFC 9112 section 6.3).
  kMalformedContentLength,
  kAmbiguousBody,
};

// The status with which a server answers the request that broke the rule.
int status_for(Error error);

// One line of plain text, without a full stop, fit for a response body or a log.
std::string_view describe(Error error);

}  // namespace heliograph::http
