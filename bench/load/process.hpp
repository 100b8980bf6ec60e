// What the servers under test cost, told by the kernel: processor time and resident memory of
// processes and of all that they started.
#pragma once

#include <vector>

#include <sys/types.h>

namespace heliograph::bench {

class Processes {
 public:
  explicit Processes(std::vector<pid_t> roots) : roots_(std::move(roots)) {}

  [[nodiscard]] bool empty() const { return roots_.empty(); }
  // User and system time of all threads so far, in seconds.
  [[nodiscard]] double cpu_seconds() const;
  [[nodiscard]] double resident_kibibytes() const;

 private:
  [[nodiscard]] std::vector<pid_t> all() const;

  std::vector<pid_t> roots_;
};

// Of this process.
double own_cpu_seconds();

}  // namespace heliograph::bench
