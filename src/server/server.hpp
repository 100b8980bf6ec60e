// The server of one process: its workers on their threads, from the first accept to the last close.
#pragma once

#include <memory>
#include <vector>

#include "net/endpoint.hpp"
#include "net/signals.hpp"
#include "server/options.hpp"
#include "server/worker.hpp"

namespace heliograph::server {

class Server {
 public:
  // Listens. Throws std::system_error, e.g. if the port is in use.
  explicit Server(Options options);

  // Where it listens, with the port that the kernel chose if 0 was asked for.
  [[nodiscard]] const net::Endpoint& local() const { return local_; }

  // Serves until a signal comes. The first lets every client go in peace, the second ends at once.
  void run(const net::Signals& signals);

 private:
  void post_to_all(const Letter& letter);

  const Options options_;
  Worker::Node node_;
  net::Endpoint local_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace heliograph::server
