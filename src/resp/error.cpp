#include "resp/error.hpp"

#include <utility>

namespace heliograph::resp {

std::string_view describe(Error error) {
  switch (error) {
    case Error::kUnknownType:
      return "a value of unknown type";
    case Error::kLineTooLong:
      return "a line that is too long";
    case Error::kBadLineEnd:
      return "a line that does not end in CRLF";
    case Error::kBadLength:
      return "a malformed length";
    case Error::kBulkTooLong:
      return "a bulk string that is too long";
    case Error::kBulkNotTerminated:
      return "a bulk string that does not end in CRLF";
    case Error::kTooManyElements:
      return "a reply with too many elements";
    case Error::kTooManyAttributes:
      return "an attribute with too many pairs";
    case Error::kTooDeep:
      return "a reply that is nested too deeply";
    case Error::kReplyTooLong:
      return "a reply that is too long";
    case Error::kBadInteger:
      return "a malformed integer";
    case Error::kBadDouble:
      return "a malformed double";
    case Error::kBadBigNumber:
      return "a malformed big number";
    case Error::kBadBoolean:
      return "a malformed boolean";
    case Error::kBadNull:
      return "a malformed null";
    case Error::kBadVerbatim:
      return "a malformed verbatim string";
    case Error::kBadPush:
      return "a push that does not begin with a string";
    case Error::kPushInsideAggregate:
      return "a push inside an aggregate";
    case Error::kStrayStreamPart:
      return "a part of a streamed string outside of one";
    case Error::kStrayStreamEnd:
      return "the end of a streamed aggregate outside of one";
    case Error::kExpectedStreamPart:
      return "a streamed string that is interrupted";
    case Error::kOddMap:
      return "a streamed map that ends behind a key";
    case Error::kUnexpectedReply:
      return "a reply that no command asked for";
    case Error::kWrongReplyType:
      return "a reply of a type that its command does not have";
    case Error::kBadRedirect:
      return "a malformed redirect";
    case Error::kBadTopology:
      return "a malformed description of where the data is";
  }
  std::unreachable();
}

}  // namespace heliograph::resp
