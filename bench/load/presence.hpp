// Connections that are there: idle ones in large number, and a quiet pair beside a flood.
#pragma once

#include "load/json.hpp"
#include "load/settings.hpp"

namespace heliograph::bench {

// Opens and holds connections, answers pings, and lets two more users call each other (with login).
JsonObject run_idle(const Settings& settings);
// One pair at a fixed rate, while others send as much as their sockets take.
JsonObject run_flood(const Settings& settings);

}  // namespace heliograph::bench
