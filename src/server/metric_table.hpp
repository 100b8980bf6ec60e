// The definition of every metric: its name, what it counts, and where its numbers are.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "server/metrics.hpp"
#include "server/process_usage.hpp"

namespace heliograph::server {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

// One label, and all values that it can have.
struct MetricLabel {
  std::string_view name;
  std::span<const std::string_view> values;
};

// What the numbers are taken from. `workers` is never empty.
struct MetricSources {
  std::span<const Metrics* const> workers;
  ProcessUsage process;
  Milliseconds now = 0;
  bool uses_redis = false;
};

// Numbers that differ in their labels: one for each combination of values, the last label's
// changing first.
struct MetricSeries {
  using Counters = std::span<const Counter> (*)(const Metrics&);  // added up over the workers
  using Times = const Histogram& (*)(const Metrics&);             // likewise
  using Number = double (*)(const MetricSources&);                // of all labels' first values

  std::span<const MetricLabel> labels;
  std::variant<Counters, Times, Number> source;
};

struct MetricDefinition {
  std::string_view name;
  MetricType type;
  std::string_view help;  // one line, without a full stop
  std::span<const MetricSeries> series;
  bool of_redis = false;  // only there where Redis is used: a 0 that means nothing alarms somebody
};

std::span<const MetricDefinition> metric_definitions();

}  // namespace heliograph::server
