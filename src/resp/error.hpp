// The ways in which a server can break RESP (the Redis serialization protocol, versions 2 and 3)
// or the order of replies. Each ends the connection.
#pragma once

#include <cstdint>
#include <string_view>

namespace heliograph::resp {

enum class Error : std::uint8_t {
  kUnknownType,          // the first byte of a value is no RESP type
  kLineTooLong,          // no CRLF within the limit of this kind of line
  kBadLineEnd,           // a bare CR or a bare LF
  kBadLength,            // not "0", not [1-9][0-9]*, and not "-1" where nil is legal
  kBulkTooLong,          // a bulk string, or the sum of a streamed one, exceeds the limit
  kBulkNotTerminated,    // no CRLF behind the announced bytes
  kTooManyElements,      // more values in one reply than the limit
  kTooManyAttributes,    // more pairs in one attribute than the limit
  kTooDeep,              // more aggregates inside one another than the limit
  kReplyTooLong,         // more bytes in one reply than the limit
  kBadInteger,           // ":" without a signed 64-bit decimal number
  kBadDouble,            // "," without a decimal number, inf, -inf or nan
  kBadBigNumber,         // "(" without an optional sign and digits
  kBadBoolean,           // "#" without t or f
  kBadNull,              // "_" followed by something
  kBadVerbatim,          // "=" without three characters and a colon in front
  kBadPush,              // ">" whose first element is no string
  kPushInsideAggregate,  // ">" anywhere but at the top level
  kStrayStreamPart,      // ";" outside a streamed string
  kStrayStreamEnd,       // "." outside a streamed aggregate, or behind an attribute
  kExpectedStreamPart,   // something else than ";" inside a streamed string
  kOddMap,               // a streamed map that ends behind a key
  kUnexpectedReply,      // a reply that no command asked for
  kWrongReplyType,       // a reply of a type that no reply to its command can have
  kBadRedirect,          // MOVED or ASK without a slot of 0 to 16383, or without an address
  kBadTopology,          // CLUSTER SLOTS or a Sentinel's answer without slots or addresses
};

// For the log. Total.
std::string_view describe(Error error);

}  // namespace heliograph::resp
