#include "server/health.hpp"

namespace heliograph::server {

Health::Verdict Health::judge(std::span<const Metrics* const> workers, Milliseconds now) const {
  Verdict verdict;
  // Workers end while the server drains, and answer no more.
  if (draining_) {
    verdict.not_ready.emplace_back("the server is draining");
    return verdict;
  }
  for (std::size_t i = 0; i < pulse_.workers(); ++i) {
    const Milliseconds silence = pulse_.silence(i, now);
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
