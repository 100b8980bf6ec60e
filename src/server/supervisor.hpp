// The service manager that watches over this process, if one does: what it is told, and when
// (sd_notify(3), Type=notify and Type=notify-reload of systemd.service(5)).
#pragma once

#include <optional>
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
  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  void alive() const;

 private:
  void tell(std::string_view state) const;

  std::optional<net::NotifySocket> socket_;
  Milliseconds patience_ = 0;
};

}  // namespace heliograph::server
