// The server of one process: its workers on their threads, from the first accept to the last close.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/listener.hpp"
#include "net/signals.hpp"
#include "server/admin.hpp"
#include "server/options.hpp"
#include "server/pulse.hpp"
#include "server/supervisor.hpp"
#include "server/worker.hpp"
#include "tls/ticket.hpp"

namespace heliograph::server {

class Server {
 public:
  // Listens, unless it inherits a socket that does. Throws std::system_error, e.g. if the port is
  // in use.
  explicit Server(Options options, Supervisor supervisor = {},
                  std::optional<net::Listener> inherited = std::nullopt);

  // Where it listens, with the port that the kernel chose if 0 was asked for.
  [[nodiscard]] const net::Endpoint& local() const { return local_; }

  // Where the admin endpoint listens, if there is one.
  [[nodiscard]] const std::optional<AdminListener>& admin() const { return admin_listener_; }

  // Serves until a signal comes: SIGHUP reads again what may change, and serving goes on. The first
  // of all others lets every client go in peace, the second ends at once.
  void run(const net::Signals& signals);

  // From the first moment on: who would choose this server should choose another one.
  [[nodiscard]] bool draining() const { return node_.draining; }

 private:
  // With our ticket keys, unless there are others.
  [[nodiscard]] std::shared_ptr<const Reloadable> with_tickets(Reloadable settings) const;
  void drain();
  void reload();
  // Asks all workers whether they turn, if it is time for that, and takes their answers.
  void watch(Milliseconds now);
  void rotate_ticket_keys();
  void post_to_all(const Letter& letter);

  const Options options_;
  Supervisor supervisor_;
  Worker::Node node_;
  net::Endpoint local_;
  std::optional<AdminListener> admin_listener_;
  // Ours unless the configuration brings its own.
  std::shared_ptr<const tls::TicketKeys> ticket_keys_;
  Milliseconds rotate_at_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Pulse pulse_;
};

}  // namespace heliograph::server
