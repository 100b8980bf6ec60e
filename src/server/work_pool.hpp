// A few threads for what would hold up a loop: password derivations or name look-ups.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace heliograph::server {

class WorkPool {
 public:
  using Job = std::move_only_function<void()>;

  // `queue_limit` bounds the jobs that wait: a flood of logins with slow hashes must cost its
  // senders a refusal, not everybody a wait without end.
  WorkPool(std::size_t threads, std::size_t queue_limit);
  // Lets running jobs end and forgets those that wait.
  ~WorkPool() = default;
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False if the queue is full.
  [[nodiscard]] bool submit(Job job);
  // Nobody waits: there is time for what could as well be done another day.
  [[nodiscard]] bool at_leisure();

 private:
  void run(const std::stop_token& stop);

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::deque<Job> queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace heliograph::server
