// Our named errors in the runner's words.
#pragma once

#include <optional>
#include <string>

#include "tests/bogo/arguments.hpp"
#include "tls/alert.hpp"
#include "tls/error.hpp"

namespace heliograph::bogo {

// The identifier between colons that the runner looks for on standard error. `peer_alert` is the
// alert behind Error::kAlertReceived.
std::string identifier_of(tls::Error error, const Settings& settings,
                          std::optional<tls::AlertDescription> peer_alert);

}  // namespace heliograph::bogo
