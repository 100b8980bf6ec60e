// What can be chosen about sessions.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.hpp"

namespace heliograph::signal {

// A longer name is made to fill the directory, the logs and everybody's memory.
inline constexpr std::size_t kMaxNameSize = 128;

struct Settings {
  // Say `Hello from server` first, as clients of the tutorial may wait for.
  bool greeting = true;
  // Answers, candidates and leaves go to anybody, as in the tutorial; otherwise only to somebody
  // with whom there is a call.
  bool open_relay = false;
  // Names that start like this cannot log in, lest keys of our own pass for users. Empty: none.
  std::string reserved_prefix = "hg:";
  // Calls of one user at a time. A client that offers to every name it can think of would otherwise
  // make its session, and everybody's it reaches, grow without end.
  std::size_t max_calls = 16;
  // How long an unanswered offer keeps the called party's own offer to the caller from crossing it.
  Milliseconds glare_time = 30'000;
  // How long a session is kept for a client that has lost its connection. 0: not at all.
  Milliseconds resume_time = 30'000;
  // What may wait while a login is being checked. A client that sends without end while its login
  // is held would otherwise fill the memory.
  std::size_t max_waiting_messages = 64;
  std::size_t max_waiting_bytes = 256 * std::size_t{1024};
};

}  // namespace heliograph::signal
