#include "server/health.hpp"

#include <algorithm>

namespace heliograph::server {

bool Health::take_ping(std::size_t worker, Milliseconds now) {
  Worker& asked = workers_[worker];
  if (asked.waits || now < asked.asked_at + kWorkerPingInterval) return false;
  asked = {.asked_at = now, .waits = true};
  return true;
}

Milliseconds Health::deadline() const {
  Milliseconds deadline = kNever;
  for (const Worker& worker : workers_) {
    if (!worker.waits) deadline = std::min(deadline, worker.asked_at + kWorkerPingInterval);
  }
  return deadline;
}

Health::Verdict Health::judge(std::span<const Metrics* const> workers, Milliseconds now) const {
  Verdict verdict;
  // Workers end while the server drains, and answer no more.
  if (draining_) {
    verdict.not_ready.emplace_back("the server is draining");
    return verdict;
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const Milliseconds silence = workers_[i].waits ? now - workers_[i].asked_at : 0;
    verdict.live = verdict.live && silence < kWorkerHangs;
    const std::string worker = "worker " + std::to_string(i);
    if (silence >= kWorkerPatience) verdict.not_ready.push_back(worker + " does not answer");
    if (!needs_redis_) continue;
    const Milliseconds heard_at = workers[i]->redis_heard_at.value();
    const bool heard = heard_at != 0 && now < heard_at + kRedisPatience;
    if (workers[i]->redis_up.value() == 0 || !heard) {
      verdict.not_ready.push_back(worker + " cannot ask Redis");
    }
  }
  return verdict;
}

}  // namespace heliograph::server
