#include "server/supervisor.hpp"

#include <string>
#include <utility>

#include "net/clock.hpp"

namespace heliograph::server {

Supervisor::Supervisor(std::optional<net::NotifySocket> socket, Milliseconds patience)
    : socket_(std::move(socket)), patience_(socket_ ? patience : 0) {}

void Supervisor::ready(std::string_view status) const {
  tell("READY=1\nSTATUS=" + std::string(status));
}

// The manager compares the time with when it sent the signal.
void Supervisor::reloading() const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(net::monotonic_nanoseconds() / 1000) +
       "\nSTATUS=reading the configuration again");
}

void Supervisor::stopping() const {
  tell("STOPPING=1\nSTATUS=saying goodbye to the clients");
}

void Supervisor::alive() const {
  tell("WATCHDOG=1");
}

void Supervisor::tell(std::string_view state) const {
  if (socket_) socket_->send(state);
}

}  // namespace heliograph::server
