#include "server/admin_json.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <initializer_list>

#include "net/clock.hpp"
#include "signal/json_string.hpp"

namespace heliograph::server {

namespace {

std::string quoted_json(std::string_view text) {
  std::string quoted;
  signal::append_json_string(quoted, text);
  return quoted;
}

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.begin(), end};
}

std::string_view boolean(bool value) {
  return value ? "true" : "false";
}

std::string time_text(std::int64_t since_1970) {
  const std::time_t seconds = since_1970 / 1000;
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &time);
  return {text.data(), size};
}

// An object, member by member.
class Object {
 public:
  void add(std::string_view name, std::string_view json) {
    out_ += out_.empty() ? "{\"" : ",\"";
    out_ += name;
    out_ += "\":";
    out_ += json;
  }
  void add(std::string_view name, double value) { add(name, number(value)); }
  void add_list(std::string_view name, std::span<const double> values) {
    std::string list;
    for (const double value : values) {
      list += list.empty() ? '[' : ',';
      list += number(value);
    }
    add(name, list.empty() ? "[]" : list + "]");
  }
  std::string take() { return out_ + "}"; }

 private:
  std::string out_;
};

template <class Read>
double total(const MetricSources& sources, Read read) {
  double total = 0;
  for (const Metrics* worker : sources.workers) total += static_cast<double>(read(*worker));
  return total;
}

std::uint64_t sum(std::span<const Counter> counters) {
  std::uint64_t sum = 0;
  for (const Counter& counter : counters) sum += counter.value();
  return sum;
}

void add_histogram(Object& object, std::string_view name, const MetricSources& sources,
                   Histogram Metrics::* member) {
  std::array<double, Histogram::kBounds.size() + 1> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = total(
        sources, [&](const Metrics& metrics) { return (metrics.*member).buckets()[i].value(); });
  }
  object.add_list(name, counts);
}

std::string redis_json(const MetricSources& sources, const Health& health) {
  if (!health.needs_redis()) return "null";
  bool up = true;
  Milliseconds heard_at = kNever;
  for (const Metrics* worker : sources.workers) {
    up = up && worker->redis_up.value() != 0;
    heard_at = std::min(heard_at, worker->redis_heard_at.value());
  }
  Object redis;
  redis.add("up", boolean(up));
  if (heard_at == 0) {
    redis.add("heard", "null");
  } else {
    redis.add("heard", static_cast<double>(sources.now - std::min(sources.now, heard_at)) / 1000);
  }
  redis.add("errors", total(sources, [](const Metrics& m) { return sum(m.redis_errors.all()); }));
  return redis.take();
}

}  // namespace

std::string users_json(std::span<const ListedUser> users, bool more) {
  std::string list;
  for (const ListedUser& user : users) {
    Object object;
    object.add("name", quoted_json(user.name));
    object.add("since", quoted_json(time_text(user.since)));
    object.add("address", user.address ? quoted_json(*user.address) : "null");
    if (!list.empty()) list += ',';
    list += object.take();
  }
  Object page;
  page.add("users", "[" + list + "]");
  page.add("next", more ? quoted_json(users.back().name) : "null");
  return page.take() + "\n";
}

std::string status_json(const MetricSources& sources, const Health& health) {
  Object status;
  const auto add = [&](std::string_view name, auto read) {
    status.add(name, total(sources, read));
  };
  std::array<double, Histogram::kBounds.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<double>(Histogram::kBounds[i]) / 1e9;
  }
  const Health::Verdict verdict = health.judge(sources.workers, sources.now);
  std::string reasons;
  for (const std::string& reason : verdict.not_ready) {
    reasons += (reasons.empty() ? "" : ",") + quoted_json(reason);
  }
  status.add("version", quoted_json(HELIOGRAPH_VERSION));
  status.add("time", static_cast<double>(net::wall_clock_now()) / 1000);
  status.add("monotonic", static_cast<double>(sources.now) / 1000);
  status.add("started", sources.process.started_at);
  status.add("workers", static_cast<double>(sources.workers.size()));
  status.add("live", boolean(verdict.live));
  status.add("not_ready", "[" + reasons + "]");
  add("connections", [](const Metrics& m) { return m.connections.value(); });
  add("accepted", [](const Metrics& m) { return m.connections_total.all().front().value(); });
  add("logins", [](const Metrics& m) { return m.logins.all().front().value(); });
  add("logins_failed", [](const Metrics& m) { return sum(m.logins.all().subspan(1)); });
  status.add("calls", total(sources, [](const Metrics& m) { return m.call_parties.value(); }) / 2);
  add("relayed", [](const Metrics& m) { return sum(m.relayed.all().first(2)); });
  add("bytes_in", [](const Metrics& m) { return m.message_bytes.all().front().value(); });
  add("bytes_out", [](const Metrics& m) { return m.message_bytes.all().back().value(); });
  add("handshakes", [](const Metrics& m) { return sum(m.tls_handshakes.all()); });
  add("handshakes_failed", [](const Metrics& m) { return m.tls_handshakes_failed.value(); });
  status.add_list("bounds", bounds);
  add_histogram(status, "handshake_times", sources, &Metrics::tls_handshake_time);
  add_histogram(status, "ping_times", sources, &Metrics::ping_round_trip);
  add_histogram(status, "turn_times", sources, &Metrics::loop_turn);
  add_histogram(status, "redis_times", sources, &Metrics::redis_round_trip);
  status.add("redis", redis_json(sources, health));
  status.add("cpu", sources.process.cpu_seconds);
  status.add("memory", sources.process.resident_bytes);
  status.add("descriptors", sources.process.open_descriptors);
  status.add("max_descriptors", sources.process.max_descriptors);
  return status.take() + "\n";
}

}  // namespace heliograph::server
