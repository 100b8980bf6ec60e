#include "tests/net/virtual_kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>

#include "net/kernel.hpp"

namespace heliograph::net::test {
namespace {

constexpr int kEpoll = 1000;
// More turns in a row than any amount of data in these tests needs.
constexpr int kMaxRounds = 100'000;

VirtualKernel* installed = nullptr;

int failed(int error) {
  errno = error;
  return -1;
}

}  // namespace

VirtualKernel::VirtualKernel() {
  installed = this;
}

VirtualKernel::~VirtualKernel() {
  installed = nullptr;
}

VirtualKernel& VirtualKernel::current() {
  return *installed;
}

int VirtualKernel::listen() {
  listener_ = next_++;
  return listener_;
}

int VirtualKernel::connect(std::uint32_t address) {
  const int number = next_++;
  sockets_[number].address = address;
  waiting_.push_back(number);
  return number;
}

std::size_t VirtualKernel::open_sockets() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(sockets_, [](const auto& entry) { return !entry.second.closed; }));
}

const char* VirtualKernel::complaint() const {
  for (const auto& [number, socket] : sockets_) {
    if (socket.closed) continue;
    const auto entry = watched_.find(number);
    const bool accepted = std::ranges::find(waiting_, number) == waiting_.end();
    if (!accepted) {
      if (!watched_.contains(listener_)) continue;  // it will be asked again, by a timer
      return "somebody waits to be accepted";
    }
    if (entry == watched_.end()) return "a socket is open and nobody watches it";
    const std::uint32_t interest = entry->second.events;
    const bool writes = (interest & EPOLLOUT) != 0;
    if ((interest & EPOLLIN) == 0 && !writes && !socket.to_server.empty()) {
      return "input is there, and neither is it wanted nor is output waited for";
    }
    if (writes && socket.to_client.size() < socket.window) return "epoll did not tell of room";
  }
  return nullptr;
}

ssize_t VirtualKernel::recv(int fd, MutableBytes into) {
  Socket& socket = sockets_.at(fd);
  if (const int error = fault(Call::kReceive)) {
    if (error == ECONNRESET) socket.reset = true;
    return failed(error);
  }
  if (socket.reset) return failed(ECONNRESET);
  if (socket.to_server.empty()) return socket.client_finished ? 0 : failed(EAGAIN);
  const std::size_t size = portion(std::min(into.size(), socket.to_server.size()));
  std::copy_n(socket.to_server.begin(), size, into.begin());
  socket.to_server.erase(socket.to_server.begin(),
                         socket.to_server.begin() + static_cast<std::ptrdiff_t>(size));
  return static_cast<ssize_t>(size);
}

ssize_t VirtualKernel::send(int fd, Bytes bytes) {
  Socket& socket = sockets_.at(fd);
  if (const int error = fault(Call::kSend)) {
    if (error == EPIPE) socket.reset = true;
    return failed(error);
  }
  if (socket.reset || socket.server_finished) return failed(EPIPE);
  const std::size_t room = socket.window - std::min(socket.window, socket.to_client.size());
  if (room == 0) return failed(EAGAIN);
  const std::size_t size = portion(std::min(room, bytes.size()));
  socket.to_client.insert(socket.to_client.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(size));
  return static_cast<ssize_t>(size);
}

int VirtualKernel::shutdown(int fd) {
  if (const int error = fault(Call::kShutdown)) return failed(error);
  sockets_.at(fd).server_finished = true;
  return 0;
}

int VirtualKernel::accept(std::uint32_t& address) {
  if (const int error = fault(Call::kAccept)) {
    if (error == ECONNABORTED && !waiting_.empty()) {
      sockets_.at(waiting_.front()).closed = true;
      waiting_.erase(waiting_.begin());
    }
    return failed(error);
  }
  if (waiting_.empty()) return failed(EAGAIN);
  const int number = waiting_.front();
  waiting_.erase(waiting_.begin());
  address = sockets_.at(number).address;
  return number;
}

int VirtualKernel::close(int fd) {
  if (const auto socket = sockets_.find(fd); socket != sockets_.end()) socket->second.closed = true;
  watched_.erase(fd);
  return 0;
}

int VirtualKernel::epoll_ctl(int operation, int fd, const epoll_event* event) {
  const Call call = operation == EPOLL_CTL_ADD   ? Call::kPollAdd
                    : operation == EPOLL_CTL_MOD ? Call::kPollModify
                                                 : Call::kPollRemove;
  if (const int error = fault(call)) return failed(error);
  const bool there = watched_.contains(fd);
  if (there == (operation == EPOLL_CTL_ADD)) return failed(there ? EEXIST : ENOENT);
  if (operation == EPOLL_CTL_DEL) {
    watched_.erase(fd);
  } else if (!there || !forgets_changes) {
    watched_[fd] = *event;
  }
  return 0;
}

std::uint32_t VirtualKernel::readiness(int fd, std::uint32_t interest) const {
  if (fd == listener_) return waiting_.empty() ? 0 : interest & EPOLLIN;
  const Socket& socket = sockets_.at(fd);
  std::uint32_t ready = 0;
  if (!socket.to_server.empty() || socket.client_finished) ready |= EPOLLIN;
  if (socket.client_finished) ready |= EPOLLRDHUP;
  if (socket.to_client.size() < socket.window) ready |= EPOLLOUT;
  ready &= interest;
  if (socket.client_finished && socket.server_finished) ready |= EPOLLHUP;
  if (socket.reset) ready |= EPOLLERR | EPOLLHUP;
  return ready;
}

std::size_t VirtualKernel::collect(epoll_event* events, std::size_t capacity) {
  std::vector<int> order;
  for (const auto& entry : watched_) order.push_back(entry.first);
  std::ranges::rotate(order, std::ranges::upper_bound(order, last_served_));
  std::size_t count = 0;
  for (const int fd : order) {
    if (count == capacity) break;
    epoll_event event = watched_.at(fd);
    event.events = readiness(fd, event.events);
    if (event.events == 0) continue;
    events[count++] = event;
    last_served_ = fd;
  }
  return count;
}

int VirtualKernel::epoll_wait(epoll_event* events, std::size_t capacity, int timeout) {
  if (const int error = fault(Call::kPollWait)) return failed(error);
  if (++rounds_ > kMaxRounds) throw LoopSpins{};
  for (;;) {
    if (const std::size_t count = collect(events, capacity)) return static_cast<int>(count);
    if (timeout == 0) return 0;
    rounds_ = 0;
    if (idle()) continue;
    const Milliseconds until = timeout < 0 ? kNever : now_ + static_cast<Milliseconds>(timeout);
    if (until < end_of_time) {
      now_ = until;
      return 0;
    }
    if (end_of_time != kNever) now_ = std::max(now_, end_of_time);
    throw LoopSleeps{};
  }
}

}  // namespace heliograph::net::test

namespace heliograph::net::kernel {

using test::VirtualKernel;

ssize_t recv(int fd, void* into, std::size_t size) {
  return VirtualKernel::current().recv(fd, {static_cast<std::uint8_t*>(into), size});
}

ssize_t send(int fd, const void* bytes, std::size_t size) {
  return VirtualKernel::current().send(fd, {static_cast<const std::uint8_t*>(bytes), size});
}

int shutdown(int fd, int /*how*/) {
  return VirtualKernel::current().shutdown(fd);
}

int accept(int /*fd*/, sockaddr* address, socklen_t* length) {
  std::uint32_t host = 0;
  const int socket = VirtualKernel::current().accept(host);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = htonl(host);
  std::memcpy(address, &peer, sizeof peer);
  *length = sizeof peer;
  return socket;
}

int setsockopt(int /*fd*/, int /*level*/, int /*name*/, const void* /*value*/, socklen_t /*size*/) {
  return 0;
}

int close(int fd) {
  return VirtualKernel::current().close(fd);
}

int epoll_create() {
  return test::kEpoll;
}

int epoll_ctl(int /*epoll*/, int operation, int fd, epoll_event* event) {
  return VirtualKernel::current().epoll_ctl(operation, fd, event);
}

int epoll_wait(int /*epoll*/, epoll_event* events, int capacity, int timeout) {
  return VirtualKernel::current().epoll_wait(events, static_cast<std::size_t>(capacity), timeout);
}

timespec clock_gettime(clockid_t /*clock*/) {
  const auto now = VirtualKernel::current().now();
  return {.tv_sec = static_cast<time_t>(now / 1000),
          .tv_nsec = static_cast<long>(now % 1000) * 1'000'000};
}

}  // namespace heliograph::net::kernel
