// What the admin endpoint says as JSON.
#pragma once

#include <span>
#include <string>

#include "server/admin_letter.hpp"
#include "server/health.hpp"
#include "server/metric_table.hpp"

namespace heliograph::server {

// {"users":[{"name":…,"since":"2026-11-30T07:00:00Z","address":…}],"next":…}: `more` says that
// there are names behind the last one, which "next" then is; otherwise it is null.
std::string users_json(std::span<const ListedUser> users, bool more);

// The numbers of the status page. Those of histograms are not cumulative.
std::string status_json(const MetricSources& sources, const Health& health);

}  // namespace heliograph::server
