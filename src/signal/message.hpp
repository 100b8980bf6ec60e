// What a client can ask of its session, and what the session can tell its client, in no particular
// dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.hpp"
#include "signal/error.hpp"

namespace heliograph::signal {

struct Command {
  enum class Kind : std::uint8_t {
    kLogin,
    kResume,
    kLogout,
    kOffer,
    kAnswer,
    kCandidate,
    kLeave,
    kBusy,       // refuses a call
    kSubscribe,  // to the presence of `names`
    kUnsubscribe,
    kJoin,  // `room`
    kPart,  // from `room`
    kIce,   // asks for new TURN credentials
    kPing,
    kMalformed,  // breaks a rule of the dialect: `error`
    kUnknown,
  };
  enum class Proof : std::uint8_t { kPassword, kTicket, kCertificate };

  Kind kind = Kind::kUnknown;
  Proof proof = Proof::kPassword;  // kLogin
  Error error = Error::kBadJson;   // kMalformed
  // Among the messages that both sides count for a resume: all but those that begin a session, or
  // were meant to.
  bool counts = true;
  // Of the login, or of the other party. Nothing if there was none, or it was no string.
  std::optional<std::string_view> name = {};
  std::optional<std::string_view> password = {};
  // The ticket of a kLogin, the token of a kResume.
  std::string_view token = {};
  // kResume: how many messages the client received, if it counts them.
  std::optional<std::uint64_t> received = {};
  // Of an offer, answer, candidate, leave or busy, and of the refusal of one. Empty in a dialect
  // that numbers no calls.
  std::string_view call = {};
  std::string_view room = {};
  std::span<const std::string_view> names = {};
  // The verbatim JSON value of the member `offer`, `answer` or `candidate`, if there was one.
  std::optional<std::string_view> body = {};
  // kUnknown: the verbatim JSON value of the member `type`, if there was one.
  std::optional<std::string_view> type = {};
};

struct Event {
  enum class Kind : std::uint8_t {
    kGreeting,
    kNotAuthenticated,
    kLoggedIn,
    kLoginRefused,
    kOffer,
    kAnswer,
    kCandidate,
    kLeave,
    kBusy,
    kUnavailable,  // nobody has the name that an offer, answer or candidate went to
    kIce,
    kPong,
    kPresence,  // `name` is `online` or not
    kRoom,      // the client has joined `room`, in which `names` are
    kJoined,    // `name` is in `room` now
    kLeft,      // `name` is no longer
    kGoAway,    // come back after `reconnect_after`
    kError,
    kUnknownCommand,
  };

  Kind kind = Kind::kError;
  // The other party; kLoggedIn and kIce: the user's own name.
  std::string_view name = {};
  std::optional<std::string_view> body = {};  // kOffer, kAnswer, kCandidate: verbatim JSON
  std::optional<std::string_view> type = {};  // kUnknownCommand: verbatim JSON
  // Of an offer, answer, candidate, leave, busy, unavailable or error; may be empty.
  std::string_view call = {};
  Error error = Error::kBadJson;     // kError
  bool polite = false;               // kOffer: of two that cross, the user's own would be dropped
  bool gone = false;                 // kLeave: the connection is, and nobody has left by himself
  bool resumed = false;              // kLoggedIn: everything is as it was
  bool online = false;               // kPresence
  std::string_view token = {};       // kLoggedIn: for the next resume; empty if there is none
  Milliseconds resume_time = 0;      // kLoggedIn: how long the token holds without a connection
  std::uint64_t received = 0;        // kLoggedIn, resumed: messages of the client that were taken
  Milliseconds reconnect_after = 0;  // kGoAway
  std::string_view room = {};        // kRoom, kJoined, kLeft
  std::span<const std::string_view> names = {};  // kRoom
};

}  // namespace heliograph::signal
