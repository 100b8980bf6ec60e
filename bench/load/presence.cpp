#include "load/presence.hpp"

#include "load/fleet.hpp"
#include "load/meter.hpp"
#include "load/signaling.hpp"

namespace heliograph::bench {

namespace {

constexpr double kMilli = 1000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The others' messages are of no interest.
class Quiet : public Receiver {
 public:
  Quiet(const Settings& settings, Fleet& fleet, Meter& meter)
      : settings_(settings),
        fleet_(fleet),
        meter_(meter),
        quiet_(text_frame(candidate_message(0, settings.size))),
        next_due_(Clock::now()) {
    for (std::size_t i = 0; i < settings.flooders; ++i) {
      floods_.push_back(text_frame(candidate_message(flooder(i), settings.size)));
    }
  }

  void go(Clock::time_point until) {
    const auto step = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(1 / settings_.rate));
    for (auto now = Clock::now(); now < until; now = Clock::now()) {
      for (; next_due_ <= now; next_due_ += step) {
        fleet_[0].send(quiet_);
        fleet_.flush(fleet_[0]);
        due_.push_back(next_due_);
      }
      pour();
      fleet_.turn(std::chrono::microseconds(0));
    }
  }

  void on_open(Connection& /*connection*/) override {}

  void on_message(Connection& connection, std::string_view /*message*/) override {
    if (connection.number() != partner_of(0)) {
      ++flooded_;
      return;
    }
    meter_.count(due_.front(), Clock::now());
    due_.pop_front();
  }

  [[nodiscard]] std::size_t flooded() const { return flooded_; }

 private:
  static std::size_t flooder(std::size_t i) { return 2 + 2 * i; }

  void pour() {
    constexpr std::size_t kAtOnce = 16;
    for (std::size_t i = 0; i < floods_.size(); ++i) {
      Connection& connection = fleet_[flooder(i)];
      if (connection.wants_room()) continue;
      for (std::size_t sent = 0; sent < kAtOnce; ++sent) connection.send(floods_[i]);
      fleet_.flush(connection);
    }
  }

  const Settings& settings_;
  Fleet& fleet_;
  Meter& meter_;
  std::string quiet_;
  std::vector<std::string> floods_;
  std::deque<Clock::time_point> due_;
  Clock::time_point next_due_;
  std::size_t flooded_ = 0;
};

}  // namespace

JsonObject run_idle(const Settings& settings) {
  Meter meter(settings);
  const double before = meter.servers().resident_kibibytes();
  const auto per_connection = [&] {
    return (meter.servers().resident_kibibytes() - before) /
           static_cast<double>(settings.connections);
  };
  Lobby lobby;
  Fleet fleet(settings, lobby);
  JsonObject result;
  const auto start = Clock::now();
  fleet.open(settings.connections);
  result.add("connections", settings.connections)
      .add("opened_per_second", static_cast<double>(settings.connections) / seconds_since(start));
  fleet.turn_for(std::chrono::duration<double>(settings.warm_up));
  result.add("opened_kib_per_connection", per_connection());
  meter.begin();
  fleet.turn_for(std::chrono::duration<double>(settings.seconds));
  meter.end();
  result.add("held_seconds", settings.seconds)
      .add("held_kib_per_connection", per_connection())
      .add("resident_kib", meter.servers().resident_kibibytes())
      .add("server_cores", meter.server_cores());
  if (settings.login) {
    const auto called = Clock::now();
    const std::size_t first = (settings.connections + 1) / 2 * 2;
    fleet.open(first + 2 - settings.connections);
    lobby.log_in(fleet, first, first + 2);
    lobby.call(fleet, first, first + 2);
    result.add("login_and_call_ms", seconds_since(called) * kMilli);
  }
  return result;
}

JsonObject run_flood(const Settings& settings) {
  if (settings.rate <= 0) throw ConnectionError("the quiet pair needs a --rate");
  Lobby lobby;
  Fleet fleet(settings, lobby);
  const std::size_t users = 2 + 2 * settings.flooders;
  fleet.open(users);
  lobby.log_in(fleet, 0, users);
  lobby.call(fleet, 0, users);
  Meter meter(settings);
  Quiet quiet(settings, fleet, meter);
  fleet.use(quiet);
  meter.run([&](Clock::time_point until) { quiet.go(until); });
  return meter.report().add("flood_messages", quiet.flooded());
}

}  // namespace heliograph::bench
