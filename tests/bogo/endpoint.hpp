// The TLS endpoint of one connection, made from its record of the configuration. What differs
// between the roles ends here: the exchange knows a Connection and nothing of its role.
#pragma once

#include <memory>

#include "tests/bogo/arguments.hpp"
#include "tls/server.hpp"

namespace heliograph::bogo {

using Connection = tls::ServerConnection;

// Throws Unimplemented if the library has no use for a key of this kind.
std::unique_ptr<Connection> make_connection(const Settings& settings);

}  // namespace heliograph::bogo
