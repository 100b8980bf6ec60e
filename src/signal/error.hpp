// What a client's message can be refused for. Every code has a text of its own on the wire, which
// never changes; the sentence beside it may.
#pragma once

#include <cstdint>
#include <string_view>

namespace heliograph::signal {

enum class Error : std::uint8_t {
  kBadJson,           // no JSON object in UTF-8
  kBadMessage,        // a member is missing, of another type, or too long
  kUnknownType,       // `type` is none that there is
  kNotAuthenticated,  // needs a login first
  kLoginFailed,       // wrong, or the name is in use: nobody learns which
  kResumeFailed,      // no such session any more
  kBadName,           // cannot be the name of another user
  kNoCall,            // there is no such call with that user (any more)
  kTooManyCalls,
  kTooManyNames,
  kTooManyRooms,
  kNoRoom,  // the client is not in that room
  kRoomFull,
};

// `bad-json`
std::string_view code_of(Error error);
// A sentence without a full stop.
std::string_view describe(Error error);

}  // namespace heliograph::signal
