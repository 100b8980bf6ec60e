#include "server/work_pool.hpp"

#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace heliograph::server {

namespace {

// Where processors are short, the loops come first: a login may take longer, a call may not.
constexpr int kNiceness = 10;

}  // namespace

WorkPool::WorkPool(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

bool WorkPool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(job));
  }
  work_.notify_one();
  return true;
}

bool WorkPool::at_leisure() {
  const std::lock_guard lock(mutex_);
  return queue_.empty();
}

void WorkPool::run(const std::stop_token& stop) {
  // In Linux a priority is a thread's own.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!work_.wait(lock, stop, [this] { return !queue_.empty(); }) || stop.stop_requested()) {
        return;
      }
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

}  // namespace heliograph::server
