// How a run of the shim ends when it does not end well. Both are thrown: a run has no second
// chance, and main() is the one place that turns them into an exit status.
#pragma once

#include <string>

namespace heliograph::bogo {

// The exit statuses that mean something to the runner.
inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUnimplemented = 89;

// The test asks for something that this implementation does not do: the runner skips it.
struct Unimplemented {
  std::string what;
};

// The handshake or the exchange failed, or an expectation was not met. `what` is a line for
// standard error: an identifier of the runner, or plain words where it looks for none.
struct Failure {
  std::string what;
};

}  // namespace heliograph::bogo
