// What a test wants to hold when the handshake is complete, and at the end of a client's
// connection.
#pragma once

#include "tests/bogo/arguments.hpp"
#include "tests/bogo/endpoint.hpp"

namespace heliograph::bogo {

// Both throw Failure, saying what was expected, at the first expectation that is not met.
void check_handshake(const Settings& settings, bool is_resumption,
                     const tls::Connection& connection);
void check_session(const Settings& settings, const Endpoint& endpoint);

}  // namespace heliograph::bogo
