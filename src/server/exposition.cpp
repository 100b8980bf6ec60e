#include "server/exposition.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace heliograph::server {

namespace {

template <class Number>
std::string text(Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  return {digits.begin(), end};
}

std::string seconds(std::uint64_t nanoseconds) {
  return text(static_cast<double>(nanoseconds) / 1e9);
}

// `number` tells which of all combinations of values, as MetricSeries counts them.
std::string labels_of(std::span<const MetricLabel> labels, std::size_t number) {
  std::string written;
  for (std::size_t i = labels.size(); i-- > 0;) {
    const MetricLabel& label = labels[i];
    std::string pair(label.name);
    pair += "=\"";
    pair += label.values[number % label.values.size()];
    pair += '"';
    if (!written.empty()) pair += ',';
    written.insert(0, pair);
    number /= label.values.size();
  }
  return written;
}

class Writer {
 public:
  explicit Writer(const MetricSources& sources) : sources_(sources) {}

  void write(const MetricDefinition& metric) {
    name_ = metric.name;
    out_ += "# HELP ";
    out_ += name_;
    out_ += ' ';
    out_ += metric.help;
    out_ += "\n# TYPE ";
    out_ += name_;
    out_ += ' ';
    out_ += name(metric.type);
    out_ += '\n';
    for (const MetricSeries& series : metric.series) {
      labels_ = series.labels;
      std::visit([this](const auto& source) { write_source(source); }, series.source);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write_source(MetricSeries::Number source) {
    line("", labels_of(labels_, 0), text(source(sources_)));
  }

  void write_source(MetricSeries::Counters source) {
    const std::size_t count = source(*sources_.workers.front()).size();
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t total = 0;
      for (const Metrics* worker : sources_.workers) total += source(*worker)[i].value();
      line("", labels_of(labels_, i), text(total));
    }
  }

  void write_source(MetricSeries::Times source) {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
      for (const Metrics* worker : sources_.workers) count += source(*worker).buckets()[i].value();
      const bool bounded = i < Histogram::kBounds.size();
      line("_bucket", "le=\"" + (bounded ? seconds(Histogram::kBounds[i]) : "+Inf") + "\"",
           text(count));
    }
    for (const Metrics* worker : sources_.workers) sum += source(*worker).sum_nanoseconds();
    line("_sum", "", seconds(sum));
    line("_count", "", text(count));
  }

  void line(std::string_view ending, const std::string& labels, const std::string& value) {
    out_ += name_;
    out_ += ending;
    if (!labels.empty()) {
      out_ += '{';
      out_ += labels;
      out_ += '}';
    }
    out_ += ' ';
    out_ += value;
    out_ += '\n';
  }

  const MetricSources& sources_;
  std::string out_;
  std::string_view name_;
  std::span<const MetricLabel> labels_;
};

}  // namespace

std::string_view name(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return {};
}

std::string expose(const MetricSources& sources) {
  Writer writer(sources);
  for (const MetricDefinition& metric : metric_definitions()) {
    if (sources.uses_redis || !metric.of_redis) writer.write(metric);
  }
  return writer.take();
}

}  // namespace heliograph::server
