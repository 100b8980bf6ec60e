// What a client can ask of its session, and what the session can tell its client, in no particular
// dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heliograph::signal {

struct Command {
  enum class Kind : std::uint8_t { kLogin, kOffer, kAnswer, kCandidate, kLeave, kUnknown };

  Kind kind = Kind::kUnknown;
  // Of the login, or of the other party. Nothing if there was none, or it was no string.
  std::optional<std::string_view> name;
  std::optional<std::string_view> password;
  // The verbatim JSON value of the member `offer`, `answer` or `candidate`, if there was one.
  std::optional<std::string_view> body;
  // kUnknown: the verbatim JSON value of the member `type`, if there was one.
  std::optional<std::string_view> type;
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
    kUnknownCommand,
  };

  Kind kind;
  std::string_view name;                 // kOffer: who calls
  std::optional<std::string_view> body;  // kOffer, kAnswer, kCandidate: verbatim JSON
  std::optional<std::string_view> type;  // kUnknownCommand: verbatim JSON
};

}  // namespace heliograph::signal
