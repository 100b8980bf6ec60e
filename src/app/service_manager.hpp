// What a service manager such as systemd hands over in the environment: sockets that it listens on
// for us (sd_listen_fds(3)), and where it wants to hear from us (sd_notify(3)).
#pragma once

#include <optional>

#include "net/listener.hpp"
#include "server/supervisor.hpp"

namespace heliograph::app {

struct Inherited {
  std::optional<net::Listener> clients;
  std::optional<net::Listener> admin;  // of the name "admin"
};

// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES. Throws Failure if the sockets are not what we serve.
Inherited inherited_sockets();

// NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Throws Failure.
server::Supervisor supervisor();

}  // namespace heliograph::app
