#include "server/pulse.hpp"

#include <algorithm>

namespace heliograph::server {

Pulse::Pulse(std::size_t workers, Milliseconds interval)
    : workers_(workers, Worker{.ask_at = interval == kNever ? kNever : 0}), interval_(interval) {}

bool Pulse::take_question(std::size_t worker, Milliseconds now) {
  Worker& asked = workers_[worker];
  if (asked.owes || now < asked.ask_at) return false;
  asked.asked_at = now;
  asked.ask_at = now + interval_;
  asked.owes = true;
  return true;
}

Milliseconds Pulse::deadline() const {
  Milliseconds deadline = kNever;
  for (const Worker& worker : workers_) {
    if (!worker.owes) deadline = std::min(deadline, worker.ask_at);
  }
  return deadline;
}

bool Pulse::answered(std::size_t worker) {
  workers_[worker].owes = false;
  workers_[worker].heard = true;
  if (!std::ranges::all_of(workers_, &Worker::heard)) return false;
  for (Worker& each : workers_) each.heard = false;
  return true;
}

Milliseconds Pulse::silence(std::size_t worker, Milliseconds now) const {
  return workers_[worker].owes ? now - workers_[worker].asked_at : 0;
}

}  // namespace heliograph::server
