// The admin endpoint: health, metrics, users and what an operator may do, over plain HTTP on the
// main thread, so that a worker that hangs is seen and not waited for.
//
//   request ──▶ answer at once, or questions ──▶ mailboxes of the workers
//   response ◀──────────────────── reports ◀──── mailbox of the main thread
//
// The main thread gives it what its poller says from `first_token` on, and asks take_drain().
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/unix_listener.hpp"
#include "server/admin_address.hpp"
#include "server/admin_request.hpp"
#include "server/admin_sockets.hpp"
#include "server/health.hpp"
#include "server/metric_table.hpp"
#include "server/worker.hpp"

namespace heliograph::server {

// Listens; made before anything is served, so that a port in use is a failure to start.
class AdminListener {
 public:
  // Throws std::system_error.
  explicit AdminListener(const AdminAddress& address);

  [[nodiscard]] const net::Listener& listener() const {
    return unix_ ? unix_->listener() : listeners_.front();
  }
  // "http://127.0.0.1:9091/" or "unix:/run/heliograph/admin.sock".
  [[nodiscard]] std::string text() const;

 private:
  std::optional<net::UnixListener> unix_;
  std::vector<net::Listener> listeners_;
};

class Admin {
 public:
  // Everything that is given must outlive it. Throws std::system_error.
  Admin(const AdminAddress& address, const AdminListener& listener, net::Poller& poller,
        net::PollToken first_token, Worker::Node& node, std::vector<const Metrics*> workers,
        const Pulse& pulse);

  void on_ready(const net::Ready& ready);
  void on_timer(Milliseconds now);
  [[nodiscard]] Milliseconds deadline() const;

  // Whether a client has asked to drain since the last call.
  [[nodiscard]] bool take_drain() { return std::exchange(drain_asked_, false); }

 private:
  // A request that waits for the workers.
  struct Pending {
    SlotId connection = 0;
    Milliseconds until = 0;
    std::size_t reports = 0;  // still to come
    std::size_t limit = 0;
    std::vector<ListedUser> users;
  };

  void take_time(Milliseconds now);
  void answer(SlotId connection, const AdminRequest& request, Milliseconds now);
  void respond(SlotId connection, int status, std::string_view type, std::string_view body);
  void respond_text(SlotId connection, int status, const std::string& text);
  void respond_ready(SlotId connection, const Health::Verdict& verdict);
  std::optional<QuestionId> begin_question(SlotId connection, std::size_t reports,
                                           std::size_t limit);
  void list_users(SlotId connection, const AdminRequest& request);
  void kick(SlotId connection, const AdminRequest& request);

  void read_reports();
  void on_report(UserList& report);
  void on_report(KickOutcome& report);
  [[nodiscard]] MetricSources sources(Milliseconds now) const;

  const AdminAddress address_;
  Worker::Node& node_;
  const std::vector<const Metrics*> workers_;
  const net::PollToken reports_token_;
  AdminSockets sockets_;
  Health health_;
  Milliseconds now_ = 0;
  QuestionId last_question_ = 0;
  std::map<QuestionId, Pending> pending_;
  std::vector<Report> reports_;
  bool drain_asked_ = false;
};

}  // namespace heliograph::server
