#include "load/handshake.hpp"

#include <array>
#include <memory>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

#include "load/fleet.hpp"
#include "load/meter.hpp"

namespace heliograph::bench {

namespace {

class Handshakes {
 public:
  explicit Handshakes(const Settings& settings)
      : settings_(settings),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        tls_(settings),
        meter_(settings) {}
  Handshakes(const Handshakes&) = delete;
  Handshakes& operator=(const Handshakes&) = delete;
  ~Handshakes() { ::close(epoll_); }

  JsonObject run() {
    if (settings_.resume) get_session();
    slots_.resize(settings_.at_once);
    for (std::size_t i = 0; i < slots_.size(); ++i) start(i);
    meter_.run([this](Clock::time_point until) { go(until); });
    return meter_.report().add("resumed_share",
                               static_cast<double>(resumed_) / static_cast<double>(finished_));
  }

 private:
  struct Slot {
    std::unique_ptr<Stream> stream;
    Clock::time_point start;
    bool established = false;
  };

  // Tickets of TLS 1.3 come when a handshake is over already.
  void get_session() {
    slots_.resize(1);
    start(0);
    const auto until = Clock::now() + kPatience;
    while (!tls_.has_session()) {
      if (Clock::now() > until) throw ConnectionError("the server gives no session ticket");
      turn(false);
    }
    slots_.clear();
  }

  void start(std::size_t number) {
    Slot& slot = slots_[number];
    slot.established = false;
    slot.start = Clock::now();
    const auto session = settings_.resume ? tls_.session() : nullptr;
    slot.stream = std::make_unique<Stream>(tls_.context(), session.get(), source_of(0),
                                           server_of(settings_, started_++));
    watch(number, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
  }

  void watch(std::size_t number, std::uint32_t events, int operation) {
    epoll_event event{.events = events, .data = {.u64 = number}};
    if (::epoll_ctl(epoll_, operation, slots_[number].stream->fd(), &event) != 0) {
      throw ConnectionError("a connection cannot be watched");
    }
  }

  void go(Clock::time_point until) {
    while (Clock::now() < until) turn(true);
  }

  void turn(bool goodbye) {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10);
    for (int i = 0; i < count; ++i) {
      const std::size_t number = events[static_cast<std::size_t>(i)].data.u64;
      if (!advance(number, goodbye)) continue;
      ++finished_;
      if (slots_[number].stream->resumed()) ++resumed_;
      meter_.count(slots_[number].start, Clock::now());
      start(number);
    }
  }

  // True when the server has ended the connection, too.
  bool advance(std::size_t number, bool goodbye) {
    Slot& slot = slots_[number];
    if (!slot.established) {
      if (!slot.stream->establish()) return false;
      slot.established = true;
      watch(number, EPOLLIN, EPOLL_CTL_MOD);
      if (goodbye) slot.stream->finish();
    }
    std::array<char, 4096> block;
    const auto read = slot.stream->read(block);
    return read && *read == 0;
  }

  const Settings& settings_;
  int epoll_;
  ClientTls tls_;
  Meter meter_;
  std::vector<Slot> slots_;
  std::size_t started_ = 0;
  std::size_t finished_ = 0;
  std::size_t resumed_ = 0;
};

}  // namespace

JsonObject run_handshake(const Settings& settings) {
  return Handshakes(settings).run();
}

}  // namespace heliograph::bench
