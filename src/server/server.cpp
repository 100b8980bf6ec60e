#include "server/server.hpp"

#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/wakeup.hpp"

namespace heliograph::server {

namespace {

// Two derivations at a time leave the other cores to the loops; a login that finds the queue full
// is refused at once.
constexpr std::size_t kPoolThreads = 2;
constexpr std::size_t kPoolQueue = 64;

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

Server::Server(Options options) : options_(std::move(options)) {
  std::vector<net::Listener> listeners = net::listen(candidates(options_.listen), options_.workers);
  local_ = listeners.front().local();
  node_.options = &options_;
  node_.pool = std::make_unique<WorkPool>(kPoolThreads, kPoolQueue);
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
  const net::Wakeup finished;
  net::Poller poller;
  std::ignore = poller.add(signals.fd(), kSignalToken, {.readable = true});
  std::ignore = poller.add(finished.fd(), kFinishedToken, {.readable = true});
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

  bool draining = false;
  while (running > 0) {
    poller.wait(kNever);
    while (const auto signal = signals.take()) {
      spdlog::info("event={} signal={}", draining ? "stop" : "drain", *signal);
      post_to_all(draining ? Letter(Stop{}) : Letter(Drain{}));
      draining = true;
    }
  }
}

void Server::post_to_all(const Letter& letter) {
  for (const auto& mailbox : node_.mailboxes) mailbox->post(letter);
}

}  // namespace heliograph::server
