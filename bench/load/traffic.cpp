#include "load/traffic.hpp"

#include <utility>

#include "load/signaling.hpp"

namespace heliograph::bench {

namespace {

// More on their way, in an open loop, mean that the rate is not reached.
constexpr std::size_t kMaxWaiting = 100'000;

std::size_t active_of(const Settings& settings) {
  const bool all = settings.active == 0 || settings.active > settings.connections;
  return all ? settings.connections : settings.active;
}

// By depth, every `step`th connection begins.
JsonObject measure(const Settings& settings, Meter& meter, Fleet& fleet,
                   std::vector<Traffic::Message> messages, std::size_t step) {
  const std::size_t first_senders = messages.size() / step;
  Traffic traffic(settings, fleet, meter, std::move(messages));
  fleet.use(traffic);
  if (first_senders == 0) throw ConnectionError("a pair takes two connections");
  if (settings.rate > 0) {
    meter.run([&](Clock::time_point until) { traffic.go_by_rate(until); });
  } else {
    for (std::size_t i = 0; i < first_senders * settings.depth; ++i) {
      traffic.send(i % first_senders * step, Clock::now());
    }
    meter.run([&](Clock::time_point until) { traffic.go_by_depth(until); });
  }
  fleet.close();
  return meter.report();
}

}  // namespace

Traffic::Traffic(const Settings& settings, Fleet& fleet, Meter& meter,
                 std::vector<Message> messages)
    : settings_(settings),
      fleet_(fleet),
      meter_(meter),
      messages_(std::move(messages)),
      sender_of_(messages_.size()),
      on_way_(messages_.size()),
      next_due_(Clock::now()) {
  for (std::size_t i = 0; i < messages_.size(); ++i) sender_of_[messages_[i].receiver] = i;
}

void Traffic::send(std::size_t number, Clock::time_point due) {
  fleet_[number].send(messages_[number].frame);
  fleet_.flush(fleet_[number]);
  on_way_[number].push_back(due);
  ++waiting_;
}

void Traffic::on_message(Connection& connection, std::string_view message) {
  const std::size_t receiver = connection.number();
  const std::size_t sender = sender_of_.at(receiver);
  if (on_way_[sender].empty() || message != messages_[sender].told) {
    throw ConnectionError("unexpected message: " + std::string(message));
  }
  const auto now = Clock::now();
  meter_.count(on_way_[sender].front(), now);
  on_way_[sender].pop_front();
  --waiting_;
  if (settings_.rate > 0) return;
  // It leaves when all that has come was read.
  connection.send(messages_[receiver].frame);
  on_way_[receiver].push_back(now);
  ++waiting_;
}

void Traffic::go_by_depth(Clock::time_point until) {
  while (Clock::now() < until) fleet_.turn(std::chrono::milliseconds(10));
}

void Traffic::go_by_rate(Clock::time_point until) {
  const auto step = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(1 / settings_.rate));
  for (auto now = Clock::now(); now < until; now = Clock::now()) {
    for (; next_due_ <= now; next_due_ += step) {
      send(next_sender_, next_due_);
      next_sender_ = (next_sender_ + 1) % messages_.size();
    }
    if (waiting_ > kMaxWaiting) throw ConnectionError("the server does not reach that rate");
    fleet_.turn(std::chrono::microseconds(0));  // sleeping is not exact enough
  }
}

JsonObject run_echo(const Settings& settings) {
  Lobby lobby;
  Fleet fleet(settings, lobby);
  fleet.open(settings.connections);
  Meter meter(settings);
  const std::string text(settings.size, 'x');
  std::vector<Traffic::Message> messages;
  messages.reserve(active_of(settings));
  for (std::size_t i = 0; i < active_of(settings); ++i) {
    messages.push_back({.frame = text_frame(text), .told = text, .receiver = i});
  }
  return measure(settings, meter, fleet, std::move(messages), 1);
}

JsonObject run_relay(const Settings& settings) {
  Lobby lobby;
  Fleet fleet(settings, lobby);
  const std::size_t active = active_of(settings) / 2 * 2;
  fleet.open(settings.connections);
  lobby.log_in(fleet, 0, settings.connections);
  lobby.call(fleet, 0, active);
  Meter meter(settings);
  std::vector<Traffic::Message> messages;
  messages.reserve(active);
  for (std::size_t i = 0; i < active; ++i) {
    messages.push_back({.frame = text_frame(candidate_message(i, settings.size)),
                        .told = candidate_told(i, settings.size),
                        .receiver = partner_of(i)});
  }
  return measure(settings, meter, fleet, std::move(messages), 2);
}

}  // namespace heliograph::bench
