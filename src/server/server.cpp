#include "server/server.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <exception>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "net/clock.hpp"
#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/wakeup.hpp"
#include "server/log.hpp"

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

// How often the admin endpoint wants to know whether the workers turn.
constexpr Milliseconds kPulseInterval = 1'000;

constexpr std::string_view kServing = "serving";

// A service manager wants to hear from us twice in the time of its patience.
Milliseconds pulse_interval(Milliseconds patience, bool has_admin) {
  const Milliseconds manager = patience == 0 ? kNever : std::max(patience / 2, Milliseconds{1});
  return has_admin ? std::min(kPulseInterval, manager) : manager;
}

std::vector<net::Endpoint> candidates(const net::ListenAddress& address) {
  if (address.host.empty()) return net::wildcard_endpoints(address.port);
  auto endpoints = net::resolve(address.host, address.port);
  if (!endpoints) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            endpoints.error());
  }
  return std::move(*endpoints);
}

// One for each worker.
std::vector<net::Listener> share(net::Listener inherited, std::size_t workers) {
  std::vector<net::Listener> listeners;
  listeners.reserve(workers);
  listeners.push_back(std::move(inherited));
  while (listeners.size() < workers) listeners.push_back(listeners.front().duplicate());
  return listeners;
}

}  // namespace

Server::Server(Options options, Supervisor supervisor, std::optional<net::Listener> inherited)
    : options_(std::move(options)),
      supervisor_(std::move(supervisor)),
      ticket_keys_(tls::TicketKeys::generate()),
      rotate_at_(net::monotonic_now() + kTicketKeyPeriod),
      pulse_(options_.workers, pulse_interval(supervisor_.patience(), options_.admin.has_value())) {
  std::vector<net::Listener> listeners =
      inherited ? share(std::move(*inherited), options_.workers)
                : net::listen(candidates(options_.listen), options_.workers);
  local_ = listeners.front().local();
  if (options_.admin) admin_listener_.emplace(*options_.admin);
  node_.options = &options_;
  const Reloadable& settings = options_;
  node_.settings = with_tickets(settings);
  node_.pool = std::make_unique<WorkPool>(kPoolThreads, kPoolQueue);
  node_.resolver = std::make_unique<WorkPool>(kResolverThreads, kResolverQueue);
  node_.serving = listeners.size();
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
  constexpr net::PollToken kAliveToken = 2;
  constexpr net::PollToken kFirstAdminToken = 3;
  const net::Wakeup finished;
  net::Poller poller;
  std::ignore = poller.add(signals.fd(), kSignalToken, {.readable = true});
  std::ignore = poller.add(finished.fd(), kFinishedToken, {.readable = true});
  std::ignore = poller.add(node_.alive.fd(), kAliveToken, {.readable = true});
  std::optional<Admin> admin;
  if (admin_listener_) {
    std::vector<const Metrics*> metrics;
    metrics.reserve(workers_.size());
    for (const auto& worker : workers_) metrics.push_back(&worker->metrics());
    admin.emplace(*options_.admin, *admin_listener_, poller, kFirstAdminToken, node_,
                  std::move(metrics), pulse_);
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

  bool asked_to_end = false;  // by a signal
  supervisor_.ready(kServing);
  while (running > 0) {
    const Milliseconds now = net::monotonic_now();
    if (now >= rotate_at_) rotate_ticket_keys();
    watch(now);
    if (now >= supervisor_.deadline()) supervisor_.on_timer(now);
    if (admin) admin->on_timer(now);
    Milliseconds wake_at = std::min({rotate_at_, pulse_.deadline(), supervisor_.deadline()});
    if (admin) wake_at = std::min(wake_at, admin->deadline());
    for (const net::Ready& ready : poller.wait(wake_at - std::min(now, wake_at))) {
      if (ready.token >= kFirstAdminToken) admin->on_ready(ready);
    }
    if (admin && admin->take_drain()) {
      log::info("drain", {{"note", "asked for at the admin endpoint"}});
      drain();
    }
    while (const auto signal = signals.take()) {
      if (*signal == SIGHUP) {
        reload();
        continue;
      }
      const bool again = std::exchange(asked_to_end, true);
      log::info(again ? "stop" : "drain", {{"signal", *signal}});
      if (again) {
        post_to_all(Stop{});
      } else if (!draining()) {
        drain();
      }
    }
  }
}

std::shared_ptr<const Reloadable> Server::with_tickets(Reloadable settings) const {
  if (!settings.tls->tickets) {
    auto config = std::make_shared<tls::ServerConfig>(*settings.tls);
    config->tickets = ticket_keys_;
    settings.tls = std::move(config);
  }
  return std::make_shared<Reloadable>(std::move(settings));
}

void Server::drain() {
  supervisor_.stopping();
  node_.draining = true;
  post_to_all(Drain{node_.settings->drain_time});
}

void Server::watch(Milliseconds now) {
  for (std::size_t worker = 0; worker < pulse_.workers(); ++worker) {
    if (pulse_.take_question(worker, now)) node_.mailboxes[worker]->post(AreYouAlive{});
  }
  std::vector<StillAlive> answers;
  node_.alive.take(answers);
  for (const StillAlive& answer : answers) {
    if (pulse_.answered(answer.worker)) supervisor_.alive();
  }
}

void Server::reload() {
  supervisor_.reloading();
  try {
    Reloadable settings = options_.reload();
    settings.channel.deflate_budget = options_.channel.deflate_budget;
    settings.channel.demo = options_.channel.demo;
    node_.settings = with_tickets(std::move(settings));
  } catch (const std::exception& error) {
    log::error("reload_failed", {{"reason", error.what()}, {"note", "nothing has changed"}});
    return supervisor_.ready("serving; the last reload failed, see the log");
  }
  post_to_all(Reconfigure{node_.settings});
  log::info("reloaded");
  supervisor_.ready(kServing);
}

void Server::rotate_ticket_keys() {
  rotate_at_ += kTicketKeyPeriod;
  const bool ours = node_.settings->tls->tickets == ticket_keys_;
  ticket_keys_ = ticket_keys_->rotated();
  if (!ours) return;
  auto config = std::make_shared<tls::ServerConfig>(*node_.settings->tls);
  config->tickets = nullptr;
  Reloadable settings = *node_.settings;
  settings.tls = std::move(config);
  node_.settings = with_tickets(std::move(settings));
  post_to_all(Reconfigure{node_.settings});
}

void Server::post_to_all(const Letter& letter) {
  for (const auto& mailbox : node_.mailboxes) mailbox->post(letter);
}

}  // namespace heliograph::server
