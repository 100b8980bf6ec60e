// The server of one process: its workers on their threads, from the first accept to the last close.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/signals.hpp"
#include "server/admin.hpp"
#include "server/options.hpp"
#include "server/worker.hpp"
#include "tls/server_config.hpp"
#include "tls/ticket.hpp"

namespace heliograph::server {

class Server {
 public:
  // Listens. Throws std::system_error, e.g. if the port is in use.
  explicit Server(Options options);

  // Where it listens, with the port that the kernel chose if 0 was asked for.
  [[nodiscard]] const net::Endpoint& local() const { return local_; }

  // Where the admin endpoint listens, if there is one.
  [[nodiscard]] const std::optional<AdminListener>& admin() const { return admin_listener_; }

  // Serves until a signal comes: SIGHUP loads the TLS configuration again, and serving goes on. The
  // first of all others lets every client go in peace, the second ends at once.
  void run(const net::Signals& signals);

  // What clients may cost from now on.
  void use_limits(const Limits& limits) { post_to_all(UseLimits{limits}); }
  // From the first moment on: who would choose this server should choose another one.
  [[nodiscard]] bool draining() const { return node_.draining; }

 private:
  [[nodiscard]] std::shared_ptr<const tls::ServerConfig> with_tickets(
      std::shared_ptr<const tls::ServerConfig> loaded) const;
  void drain();
  void reload_tls();
  void rotate_ticket_keys();
  void post_to_all(const Letter& letter);

  const Options options_;
  Worker::Node node_;
  net::Endpoint local_;
  std::optional<AdminListener> admin_listener_;
  // Ours unless the configuration brings its own.
  std::shared_ptr<const tls::TicketKeys> ticket_keys_;
  Milliseconds rotate_at_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace heliograph::server
