#include "net/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "net/kernel.hpp"

namespace heliograph::net {

namespace {

epoll_event to_epoll(PollToken token, Interest interest) {
  epoll_event event{};
  event.data.u64 = token;
  if (interest.readable) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest.writable) event.events |= EPOLLOUT;
  return event;
}

int to_timeout(Milliseconds timeout) {
  if (timeout == kNever) return -1;
  constexpr Milliseconds kLongest = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(timeout, kLongest));
}

}  // namespace

Poller::Poller() : epoll_(kernel::epoll_create()) {
  if (!epoll_.valid()) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

bool Poller::add(int fd, PollToken token, Interest interest) {
  epoll_event event = to_epoll(token, interest);
  return kernel::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Poller::modify(int fd, PollToken token, Interest interest) {
  epoll_event event = to_epoll(token, interest);
  return kernel::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0;
}

void Poller::remove(int fd) {
  kernel::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::span<const Ready> Poller::wait(Milliseconds timeout) {
  std::array<epoll_event, kMaxEvents> events;
  const int count = kernel::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                       to_timeout(timeout));
  if (count <= 0) return {};  // nothing, or interrupted by a signal: the caller comes again
  const auto ready_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < ready_count; ++i) {
    const std::uint32_t flags = events[i].events;
    const bool failed = (flags & (EPOLLERR | EPOLLHUP)) != 0;
    ready_[i] = {.token = events[i].data.u64,
                 .readable = failed || (flags & (EPOLLIN | EPOLLRDHUP)) != 0,
                 .writable = failed || (flags & EPOLLOUT) != 0,
                 .failed = failed};
  }
  return {ready_.data(), ready_count};
}

}  // namespace heliograph::net
