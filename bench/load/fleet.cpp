#include "load/fleet.hpp"

#include <algorithm>
#include <array>

#include <sys/epoll.h>
#include <unistd.h>

namespace heliograph::bench {

namespace {

constexpr std::size_t kConnectionsPerSource = 20'000;

// What still comes is of no interest.
class Farewell : public Receiver {
 public:
  void on_open(Connection& /*connection*/) override {}
  void on_message(Connection& /*connection*/, std::string_view /*message*/) override {}
  void on_end(Connection& /*connection*/) override { ++ended; }

  std::size_t ended = 0;
};

}  // namespace

sockaddr_in source_of(std::size_t number) {
  return loopback(static_cast<std::uint32_t>(number / kConnectionsPerSource), 0);
}

sockaddr_in server_of(const Settings& settings, std::size_t number) {
  return loopback(0, settings.ports[number % settings.ports.size()]);
}

Fleet::Fleet(const Settings& settings, Receiver& receiver)
    : settings_(settings),
      receiver_(&receiver),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      tls_(settings) {}

Fleet::~Fleet() {
  ::close(epoll_);
}

std::unique_ptr<Connection> Fleet::connect(std::size_t number) {
  const auto session = settings_.resume ? tls_.session() : nullptr;
  auto connection = std::make_unique<Connection>(number, tls_.context(), session.get(),
                                                 source_of(number), server_of(settings_, number));
  watch(*connection, true, EPOLL_CTL_ADD);
  return connection;
}

Connection& Fleet::add() {
  connections_.push_back(connect(connections_.size()));
  return *connections_.back();
}

Connection& Fleet::replace(std::size_t number) {
  connections_[number] = connect(number);
  return *connections_[number];
}

void Fleet::watch(Connection& connection, bool writable, int operation) const {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = connection.number()}};
  if (writable) event.events |= EPOLLOUT;
  if (::epoll_ctl(epoll_, operation, connection.fd(), &event) != 0) {
    throw ConnectionError("a connection cannot be watched");
  }
}

void Fleet::flush(Connection& connection) {
  const bool wanted = connection.wants_room();
  connection.flush();
  if (connection.wants_room() != wanted) {
    watch(connection, connection.wants_room(), EPOLL_CTL_MOD);
  }
}

void Fleet::turn(std::chrono::microseconds patience) {
  std::array<epoll_event, 256> events;
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(std::max<std::int64_t>(milliseconds, 0)));
  for (int i = 0; i < count; ++i) {
    Connection& connection = *connections_[events[static_cast<std::size_t>(i)].data.u64];
    const bool wanted = connection.wants_room();
    connection.advance(*receiver_);
    if (!connection.ended() && connection.wants_room() != wanted) {
      watch(connection, connection.wants_room(), EPOLL_CTL_MOD);
    }
  }
}

void Fleet::turn_until(const std::function<bool()>& done) {
  const auto until = Clock::now() + kPatience;
  while (!done()) {
    if (Clock::now() > until) throw ConnectionError("the server does not answer");
    turn(std::chrono::milliseconds(100));
  }
}

void Fleet::turn_for(std::chrono::duration<double> time) {
  const auto until = Clock::now() + std::chrono::ceil<std::chrono::microseconds>(time);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::microseconds>(until - Clock::now());
    if (left.count() <= 0) return;
    turn(left);
  }
}

void Fleet::close() {
  Farewell farewell;
  use(farewell);
  for (const auto& connection : connections_) connection->close();
  turn_until([&] { return farewell.ended == connections_.size(); });
  receiver_ = nullptr;
}

void Fleet::open(std::size_t count) {
  const std::size_t wanted = connections_.size() + count;
  std::size_t opened = connections_.size();
  while (opened < wanted) {
    while (connections_.size() < wanted && connections_.size() - opened < settings_.at_once) add();
    const std::size_t before = opened;
    turn_until([&] {
      while (opened < connections_.size() && connections_[opened]->open()) ++opened;
      return opened > before;
    });
  }
}

}  // namespace heliograph::bench
