// Our named errors in the runner's words.
#pragma once

#include <optional>
#include <string>

#include "tls/alert.hpp"
#include "tls/error.hpp"

namespace heliograph::bogo {

// The identifier between colons that the runner looks for on standard error. `peer_alert` is the
// alert behind Error::kAlertReceived.
std::string identifier_of(tls::Error error, std::optional<tls::AlertDescription> peer_alert);

}  // namespace heliograph::bogo
