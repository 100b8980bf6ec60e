#include "load/meter.hpp"

namespace heliograph::bench {

void Meter::run(const std::function<void(Clock::time_point until)>& go) {
  const auto later = [](double seconds) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  };
  go(later(settings_.warm_up));
  begin();
  const auto give_up = Clock::now() + kPatience;
  do {
    if (Clock::now() > give_up) throw ConnectionError("the server does nothing");
    go(later(settings_.seconds));
  } while (latencies_.count() == 0);
  end();
}

void Meter::begin() {
  latencies_.clear();
  server_seconds_ = -servers_.cpu_seconds();
  own_seconds_ = -own_cpu_seconds();
  began_ = Clock::now();
}

void Meter::end() {
  seconds_ = std::chrono::duration<double>(Clock::now() - began_).count();
  server_seconds_ += servers_.cpu_seconds();
  own_seconds_ += own_cpu_seconds();
}

JsonObject Meter::report() const {
  constexpr double kMicro = 1e6;
  constexpr double kNanoToMicro = 1e-3;
  const auto operations = static_cast<double>(latencies_.count());
  JsonObject latency;
  const auto add = [&](std::string_view name, std::uint64_t value) {
    latency.add(name, static_cast<double>(value) * kNanoToMicro);
  };
  add("p50", latencies_.at(0.5));
  add("p90", latencies_.at(0.9));
  add("p99", latencies_.at(0.99));
  add("p999", latencies_.at(0.999));
  add("max", latencies_.max());
  JsonObject report;
  report.add("operations", latencies_.count())
      .add("seconds", seconds_)
      .add("per_second", operations / seconds_)
      .add("latency_us", latency)
      .add("load_cores", own_seconds_ / seconds_);
  if (!servers_.empty()) {
    report.add("server_cores", server_cores())
        .add("server_us", server_seconds_ / operations * kMicro)
        .add("resident_kib", servers_.resident_kibibytes());
  }
  return report;
}

}  // namespace heliograph::bench
