// Whether Redis can be reached, is what the URL says, and lets us do what `serve` does.
#pragma once

#include "app/findings.hpp"
#include "app/redis_settings.hpp"

namespace heliograph::app {

void check_redis(const RedisSettings& settings, Findings& findings);

}  // namespace heliograph::app
