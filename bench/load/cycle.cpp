#include "load/cycle.hpp"

#include <algorithm>

#include "load/signaling.hpp"

namespace heliograph::bench {

namespace {

class Cycle : public Receiver {
 public:
  explicit Cycle(const Settings& settings)
      : settings_(settings),
        fleet_(settings, *this),
        meter_(settings),
        slots_(settings.at_once),
        turns_(std::max<std::size_t>(settings.users / settings.at_once, 1)) {
    if (settings.login && settings.users < settings.at_once) {
      throw ConnectionError("there are fewer users than connections at once");
    }
    for (std::size_t i = 0; i < settings.at_once; ++i) {
      start(i);
      fleet_.add();
    }
  }

  JsonObject run() {
    meter_.run([this](Clock::time_point until) { go(until); });
    JsonObject report = meter_.report();
    finish();
    return report;
  }

  void on_open(Connection& connection) override {
    if (!settings_.login) connection.send(text_frame(echo_));
  }

  void on_message(Connection& connection, std::string_view message) override {
    Slot& slot = slots_[connection.number()];
    if (settings_.login && message == kGreeting) {
      return connection.send(text_frame(login_message(slot.user)));
    }
    if (message != (settings_.login ? kLoggedIn : echo_)) {
      throw ConnectionError("unexpected message: " + std::string(message));
    }
    connection.close();
  }

  // The server has let go of the connection, and of the name.
  void on_end(Connection& connection) override {
    meter_.count(slots_[connection.number()].start, Clock::now());
    ended_.push_back(connection.number());
  }

 private:
  // Each has users of its own, so that none logs in who is there already.
  struct Slot {
    Clock::time_point start;
    std::size_t user = 0;
    std::size_t turn = 0;
  };

  void start(std::size_t slot) {
    Slot& next = slots_[slot];
    next.start = Clock::now();
    next.user = slot + slots_.size() * (next.turn++ % turns_);
  }

  void go(Clock::time_point until) {
    while (Clock::now() < until) {
      fleet_.turn(std::chrono::milliseconds(10));
      for (const std::size_t slot : ended_) {
        start(slot);
        fleet_.replace(slot);
      }
      ended_.clear();
    }
  }

  // Lets each come to its end: a server that finds out about a password when the connection has
  // gone may give the name away for ever.
  void finish() {
    fleet_.turn_until([this] { return ended_.size() == slots_.size(); });
  }

  const std::string echo_ = std::string(64, 'x');
  const Settings& settings_;
  Fleet fleet_;
  Meter meter_;
  std::vector<Slot> slots_;
  const std::size_t turns_;
  std::vector<std::size_t> ended_;
};

class Logins : public Receiver {
 public:
  Logins(const Settings& settings, Fleet& fleet, Meter& meter)
      : settings_(settings), fleet_(fleet), meter_(meter), sent_(settings.connections) {}

  void run() {
    meter_.begin();
    while (next_ < settings_.depth && next_ < sent_.size()) send();
    fleet_.turn_until([this] { return done_ == sent_.size(); });
    meter_.end();
  }

  void on_open(Connection& /*connection*/) override {}

  void on_message(Connection& connection, std::string_view message) override {
    if (message != kLoggedIn) throw ConnectionError("unexpected message: " + std::string(message));
    meter_.count(sent_[connection.number()], Clock::now());
    ++done_;
    if (next_ < sent_.size()) send();
  }

 private:
  void send() {
    Connection& connection = fleet_[next_];
    connection.send(text_frame(login_message(next_)));
    sent_[next_++] = Clock::now();
    fleet_.flush(connection);
  }

  const Settings& settings_;
  Fleet& fleet_;
  Meter& meter_;
  std::vector<Clock::time_point> sent_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
};

}  // namespace

JsonObject run_churn(const Settings& settings) {
  return Cycle(settings).run();
}

JsonObject run_login(const Settings& settings) {
  Lobby lobby;
  Fleet fleet(settings, lobby);
  fleet.open(settings.connections);
  for (std::size_t i = 0; i < settings.connections; ++i) lobby.expect(fleet, i, kGreeting);
  Meter meter(settings);
  Logins logins(settings, fleet, meter);
  fleet.use(logins);
  logins.run();
  fleet.close();
  return meter.report();
}

}  // namespace heliograph::bench
