#include "net/kernel.hpp"

#include <unistd.h>

namespace heliograph::net::kernel {

ssize_t recv(int fd, void* into, std::size_t size) {
  return ::recv(fd, into, size, 0);
}

ssize_t send(int fd, const void* bytes, std::size_t size) {
  return ::send(fd, bytes, size, MSG_NOSIGNAL);
}

int shutdown(int fd, int how) {
  return ::shutdown(fd, how);
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  return ::accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  return ::setsockopt(fd, level, name, value, size);
}

int close(int fd) {
  return ::close(fd);
}

int epoll_create() {
  return ::epoll_create1(EPOLL_CLOEXEC);
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event);
}

int epoll_wait(int epoll, epoll_event* events, int capacity, int timeout) {
  return ::epoll_wait(epoll, events, capacity, timeout);
}

timespec clock_gettime(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now;
}

}  // namespace heliograph::net::kernel
