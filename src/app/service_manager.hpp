// What a service manager such as systemd hands over in the environment: a socket that it listens on
// for us (sd_listen_fds(3)), and where it wants to hear from us (sd_notify(3)).
#pragma once

#include <optional>

#include "net/listener.hpp"
#include "server/supervisor.hpp"

namespace heliograph::app {

// LISTEN_PID and LISTEN_FDS: the socket on which clients are served, if there is one. Throws
// Failure if it is not what we serve.
std::optional<net::Listener> inherited_socket();

// NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Throws Failure.
server::Supervisor supervisor();

}  // namespace heliograph::app
