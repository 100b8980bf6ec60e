// Metrics as Prometheus reads them: the text format, version 0.0.4.
#pragma once

#include <string>
#include <string_view>

#include "server/metric_table.hpp"

namespace heliograph::server {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

std::string_view name(MetricType type);

// All of metric_definitions() that mean something here.
std::string expose(const MetricSources& sources);

}  // namespace heliograph::server
