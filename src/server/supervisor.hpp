// The service manager that watches over this process, if one does: what it is told, and when
// (sd_notify(3), Type=notify and Type=notify-reload of systemd.service(5)).
//
// It may have so much to read that nothing more fits. Then what it has to know waits here, in its
// order, and is said again until it is through.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/notify_socket.hpp"

namespace heliograph::server {

class Supervisor {
 public:
  // There is none.
  Supervisor() = default;
  // `patience`: after which silence it starts us anew; 0: never.
  Supervisor(std::optional<net::NotifySocket> socket, Milliseconds patience);

  [[nodiscard]] Milliseconds patience() const { return patience_; }

  // Serving: at the start, and after a reload, whatever became of it.
  void ready(std::string_view status);
  void reloading();
  // The last that is told: the manager waits for our end from then on, and would begin anew to wait
  // for WATCHDOG=1 if another one came.
  void stopping();
  // The only one that does not wait: the next follows soon.
  void alive();

  // When to call on_timer(); kNever if nothing waits.
  [[nodiscard]] Milliseconds deadline() const { return again_at_; }
  void on_timer(Milliseconds now);

 private:
  void tell(std::string state);

  std::optional<net::NotifySocket> socket_;
  Milliseconds patience_ = 0;
  std::deque<std::string> untold_;
  Milliseconds again_at_ = kNever;
  bool stopping_ = false;
};

}  // namespace heliograph::server
