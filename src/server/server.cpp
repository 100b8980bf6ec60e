#include "server/server.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <exception>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include <spdlog/spdlog.h>

#include "net/clock.hpp"
#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/wakeup.hpp"

namespace heliograph::server {

namespace {

// Two derivations at a time leave the other cores to the loops; a login that finds the queue full
// is refused at once.
constexpr std::size_t kPoolThreads = 2;
constexpr std::size_t kPoolQueue = 64;

// Names have a thread of their own: one that hangs must not refuse logins, nor a flood of logins
// keep us from Redis. The queue has room for a few names of each worker.
constexpr std::size_t kResolverThreads = 1;
constexpr std::size_t kResolverQueue = 256;

// A ticket lives two hours, so the key before the current one opens all that are still good.
constexpr Milliseconds kTicketKeyPeriod = Milliseconds{2} * 3600 * 1000;

std::vector<net::Endpoint> candidates(const net::ListenAddress& address) {
  if (address.host.empty()) return net::wildcard_endpoints(address.port);
  auto endpoints = net::resolve(address.host, address.port);
  if (!endpoints) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            endpoints.error());
  }
  return std::move(*endpoints);
}

}  // namespace

Server::Server(Options options)
    : options_(std::move(options)),
      ticket_keys_(tls::TicketKeys::generate()),
      rotate_at_(net::monotonic_now() + kTicketKeyPeriod) {
  std::vector<net::Listener> listeners = net::listen(candidates(options_.listen), options_.workers);
  local_ = listeners.front().local();
  if (options_.admin) admin_listener_.emplace(*options_.admin);
  node_.options = &options_;
  node_.tls = with_tickets(options_.tls);
  node_.pool = std::make_unique<WorkPool>(kPoolThreads, kPoolQueue);
  node_.resolver = std::make_unique<WorkPool>(kResolverThreads, kResolverQueue);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    node_.mailboxes.push_back(std::make_unique<Worker::Mailbox>());
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    workers_.push_back(
        std::make_unique<Worker>(static_cast<std::uint32_t>(i), node_, std::move(listeners[i])));
  }
}

void Server::run(const net::Signals& signals) {
  constexpr net::PollToken kSignalToken = 0;
  constexpr net::PollToken kFinishedToken = 1;
  constexpr net::PollToken kFirstAdminToken = 2;
  const net::Wakeup finished;
  net::Poller poller;
  std::ignore = poller.add(signals.fd(), kSignalToken, {.readable = true});
  std::ignore = poller.add(finished.fd(), kFinishedToken, {.readable = true});
  std::optional<Admin> admin;
  if (admin_listener_) {
    std::vector<const Metrics*> metrics;
    for (const auto& worker : workers_) metrics.push_back(&worker->metrics());
    admin.emplace(*options_.admin, *admin_listener_, poller, kFirstAdminToken, node_,
                  std::move(metrics));
  }
  std::atomic<std::size_t> running = workers_.size();
  std::vector<std::jthread> threads;
  threads.reserve(workers_.size());
  try {
    for (const auto& worker : workers_) {
      threads.emplace_back([&worker, &finished, &running] {
        worker->run();
        if (--running == 0) finished.notify();
      });
    }
  } catch (const std::system_error&) {
    post_to_all(Stop{});  // those that have started would be waited for without end
    throw;
  }

  while (running > 0) {
    const Milliseconds now = net::monotonic_now();
    if (now >= rotate_at_) rotate_ticket_keys();
    if (admin) admin->on_timer(now);
    const Milliseconds wake_at = admin ? std::min(rotate_at_, admin->deadline()) : rotate_at_;
    for (const net::Ready& ready : poller.wait(wake_at - std::min(now, wake_at))) {
      if (ready.token >= kFirstAdminToken) admin->on_ready(ready);
    }
    if (admin && admin->take_drain()) {
      spdlog::info("event=drain note=\"asked for at the admin endpoint\"");
      drain();
    }
    while (const auto signal = signals.take()) {
      if (*signal == SIGHUP) {
        reload_tls();
        continue;
      }
      spdlog::info("event={} signal={}", draining() ? "stop" : "drain", *signal);
      if (draining()) {
        post_to_all(Stop{});
      } else {
        drain();
      }
    }
  }
}

std::shared_ptr<const tls::ServerConfig> Server::with_tickets(
    std::shared_ptr<const tls::ServerConfig> loaded) const {
  if (loaded->tickets) return loaded;
  auto config = std::make_shared<tls::ServerConfig>(*loaded);
  config->tickets = ticket_keys_;
  return config;
}

void Server::drain() {
  node_.draining = true;
  post_to_all(Drain{options_.drain_time});
}

void Server::reload_tls() {
  try {
    node_.tls = with_tickets(options_.reload_tls());
  } catch (const std::exception& error) {
    spdlog::error("event=reload_failed reason=\"{}\" note=\"the old certificates go on\"",
                  error.what());
    return;
  }
  post_to_all(UseTls{node_.tls});
  spdlog::info("event=reloaded");
}

void Server::rotate_ticket_keys() {
  rotate_at_ += kTicketKeyPeriod;
  const bool ours = node_.tls->tickets == ticket_keys_;
  ticket_keys_ = ticket_keys_->rotated();
  if (!ours) return;
  auto config = std::make_shared<tls::ServerConfig>(*node_.tls);
  config->tickets = ticket_keys_;
  node_.tls = std::move(config);
  post_to_all(UseTls{node_.tls});
}

void Server::post_to_all(const Letter& letter) {
  for (const auto& mailbox : node_.mailboxes) mailbox->post(letter);
}

}  // namespace heliograph::server
