#include "http/error.hpp"

#include <utility>

namespace heliograph::http {

int status_for(Error error) {
  switch (error) {
    case Error::kBareLineFeed:
    case Error::kBareCarriageReturn:
    case Error::kControlCharacter:
    case Error::kFoldedField:
    case Error::kMalformedRequestLine:
    case Error::kMalformedMethod:
    case Error::kMalformedTarget:
    case Error::kMalformedVersion:
    case Error::kMissingColon:
    case Error::kSpaceBeforeColon:
    case Error::kMalformedFieldName:
    case Error::kMissingHost:
    case Error::kRepeatedHost:
    case Error::kMalformedHost:
    case Error::kMalformedContentLength:
    case Error::kAmbiguousBody:
      return 400;
    case Error::kTargetTooLong:
      return 414;
    case Error::kHeadTooLarge:
    case Error::kTooManyFields:
      return 431;
    case Error::kMalformedStatusLine:
      return 502;
    case Error::kUnsupportedVersion:
      return 505;
  }
  std::unreachable();
}

std::string_view describe(Error error) {
  switch (error) {
    case Error::kBareLineFeed:
      return "a line ends with LF instead of CR LF";
    case Error::kBareCarriageReturn:
      return "a CR is not followed by LF";
    case Error::kControlCharacter:
      return "the head contains a control character";
    case Error::kFoldedField:
      return "a field is folded over several lines";
    case Error::kHeadTooLarge:
      return "the head is larger than 8192 bytes";
    case Error::kTargetTooLong:
      return "the request target is too long";
    case Error::kTooManyFields:
      return "the head has more than 64 fields";
    case Error::kMalformedRequestLine:
      return "the request line is not: method, space, target, space, version";
    case Error::kMalformedMethod:
      return "the method is not a token";
    case Error::kMalformedTarget:
      return "the request target is neither a path, nor an absolute URI, nor * with OPTIONS";
    case Error::kMalformedVersion:
      return "the protocol version is not of the form HTTP/1.1";
    case Error::kUnsupportedVersion:
      return "only HTTP/1.1 and HTTP/1.0 are spoken here";
    case Error::kMalformedStatusLine:
      return "the status line is not: version, space, three digits, space, reason";
    case Error::kMissingColon:
      return "a field line has no colon";
    case Error::kSpaceBeforeColon:
      return "a field name is followed by white space";
    case Error::kMalformedFieldName:
      return "a field name is not a token";
    case Error::kMissingHost:
      return "the Host field is missing";
    case Error::kRepeatedHost:
      return "the Host field appears more than once";
    case Error::kMalformedHost:
      return "the Host field is not a host with or without a port";
    case Error::kMalformedContentLength:
      return "the Content-Length is not one number";
    case Error::kAmbiguousBody:
      return "there is a Transfer-Encoding, and a Content-Length or HTTP/1.0";
  }
  std::unreachable();
}

}  // namespace heliograph::http
