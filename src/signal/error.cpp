#include "signal/error.hpp"

#include <utility>

namespace heliograph::signal {

std::string_view code_of(Error error) {
  switch (error) {
    case Error::kBadJson:
      return "bad-json";
    case Error::kBadMessage:
      return "bad-message";
    case Error::kUnknownType:
      return "unknown-type";
    case Error::kNotAuthenticated:
      return "not-authenticated";
    case Error::kLoginFailed:
      return "login-failed";
    case Error::kResumeFailed:
      return "resume-failed";
    case Error::kBadName:
      return "bad-name";
    case Error::kNoCall:
      return "no-call";
    case Error::kTooManyCalls:
      return "too-many-calls";
    case Error::kTooManyNames:
      return "too-many-names";
    case Error::kTooManyRooms:
      return "too-many-rooms";
    case Error::kNoRoom:
      return "no-room";
    case Error::kRoomFull:
      return "room-full";
  }
  std::unreachable();
}

std::string_view describe(Error error) {
  switch (error) {
    case Error::kBadJson:
      return "the message is not a JSON object in UTF-8";
    case Error::kBadMessage:
      return "a member of the message is missing, of another type, or too long";
    case Error::kUnknownType:
      return "there is no message of this type";
    case Error::kNotAuthenticated:
      return "log in first";
    case Error::kLoginFailed:
      return "the login is wrong, or the name is in use";
    case Error::kResumeFailed:
      return "there is no session to resume with this token";
    case Error::kBadName:
      return "this cannot be the name of another user";
    case Error::kNoCall:
      return "there is no such call with this user";
    case Error::kTooManyCalls:
      return "there are too many calls already";
    case Error::kTooManyNames:
      return "too many names are subscribed to";
    case Error::kTooManyRooms:
      return "too many rooms were joined";
    case Error::kNoRoom:
      return "the room was not joined";
    case Error::kRoomFull:
      return "the room is full";
  }
  std::unreachable();
}

}  // namespace heliograph::signal
