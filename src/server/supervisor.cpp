#include "server/supervisor.hpp"

#include <tuple>
#include <utility>

#include "net/clock.hpp"

namespace heliograph::server {

namespace {

// Nothing says when the manager has read something.
constexpr Milliseconds kAgain = 100;

}  // namespace

Supervisor::Supervisor(std::optional<net::NotifySocket> socket, Milliseconds patience)
    : socket_(std::move(socket)), patience_(socket_ ? patience : 0) {}

void Supervisor::ready(std::string_view status) {
  tell("READY=1\nSTATUS=" + std::string(status));
}

// The manager compares the time with when it sent the signal. What it has not read yet, it need not
// any more: another READY=1 follows. So no number of reloads makes what waits grow.
void Supervisor::reloading() {
  if (!stopping_) untold_.clear();
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(net::monotonic_nanoseconds() / 1000) +
       "\nSTATUS=reading the configuration again");
}

void Supervisor::stopping() {
  tell("STOPPING=1\nSTATUS=saying goodbye to the clients");
  stopping_ = true;
}

void Supervisor::alive() {
  if (socket_ && !stopping_ && untold_.empty()) std::ignore = socket_->send("WATCHDOG=1");
}

void Supervisor::tell(std::string state) {
  if (!socket_ || stopping_) return;
  untold_.push_back(std::move(state));
  on_timer(net::monotonic_now());
}

void Supervisor::on_timer(Milliseconds now) {
  while (!untold_.empty() && socket_->send(untold_.front())) untold_.pop_front();
  again_at_ = untold_.empty() ? kNever : now + kAgain;
}

}  // namespace heliograph::server
