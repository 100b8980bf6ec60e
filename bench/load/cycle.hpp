// Connections that come, say one thing, and go: each slot of many opens one after the other.
#pragma once

#include <vector>

#include "load/fleet.hpp"
#include "load/meter.hpp"

namespace heliograph::bench {

// New connections, each with one message that comes back, or with a login.
JsonObject run_churn(const Settings& settings);
// Logins over connections that are open already.
JsonObject run_login(const Settings& settings);

}  // namespace heliograph::bench
