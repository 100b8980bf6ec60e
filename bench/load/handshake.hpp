// TLS handshakes and nothing else: connect, shake hands, say goodbye, wait for the server's end.
#pragma once

#include "load/json.hpp"
#include "load/settings.hpp"

namespace heliograph::bench {

JsonObject run_handshake(const Settings& settings);

}  // namespace heliograph::bench
