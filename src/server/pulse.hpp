// Whether the workers turn, which /live, /ready and a service manager's watchdog want to know.
//
// Now and then each worker gets a letter, and answers when its loop comes to read it. One that
// hangs owes its answer, and is not asked again until it has given it.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.hpp"

namespace heliograph::server {

class Pulse {
 public:
  // `interval`: how often a worker is asked; kNever: nobody wants to know.
  Pulse(std::size_t workers, Milliseconds interval);

  // Whether the worker shall be asked now.
  [[nodiscard]] bool take_question(std::size_t worker, Milliseconds now);
  // When take_question() may be true again.
  [[nodiscard]] Milliseconds deadline() const;
  // A worker has answered. True if all have by now, since this was true the last time.
  bool answered(std::size_t worker);

  [[nodiscard]] std::size_t workers() const { return workers_.size(); }
  // How long the worker has owed an answer.
  [[nodiscard]] Milliseconds silence(std::size_t worker, Milliseconds now) const;

 private:
  struct Worker {
    Milliseconds asked_at = 0;
    Milliseconds ask_at = 0;
    bool owes = false;
    bool heard = false;  // since all had answered
  };

  std::vector<Worker> workers_;
  Milliseconds interval_;
};

}  // namespace heliograph::server
