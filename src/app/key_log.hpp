// The key log of `serve` and `connect`.
#pragma once

#include <string>

#include "tls/key_log.hpp"

namespace heliograph::app {

// Appends lines for a traffic analyser to a file that only its owner may read; any thread may write
// them. Throws Failure.
tls::KeyLog open_key_log(const std::string& path);

}  // namespace heliograph::app
