// What a test wants to hold when the handshake is complete.
#pragma once

#include "tests/bogo/arguments.hpp"
#include "tests/bogo/endpoint.hpp"

namespace heliograph::bogo {

// Throws Failure, saying what was expected, at the first expectation that is not met.
void check_expectations(const Settings& settings, const Connection& connection);

}  // namespace heliograph::bogo
