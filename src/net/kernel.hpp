// The system calls of a running loop, in one place. A test that links other definitions of these
// functions is the kernel: it owns the sockets, the clock and every failure.
//
// What is called once, at the start (socket, bind, listen, eventfd, signalfd), and what waits in
// another thread (getaddrinfo), stays where it is used.
#pragma once

#include <cstddef>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clockid_t and timespec are POSIX

namespace heliograph::net::kernel {

// As the calls of these names, errno included.
ssize_t recv(int fd, void* into, std::size_t size);
ssize_t send(int fd, const void* bytes, std::size_t size);  // never raises SIGPIPE
int shutdown(int fd, int how);
int accept(int fd, sockaddr* address, socklen_t* length);  // non-blocking, closed on exec
int setsockopt(int fd, int level, int name, const void* value, socklen_t size);
int close(int fd);
int epoll_create();
int epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
int epoll_wait(int epoll, epoll_event* events, int capacity, int timeout);
timespec clock_gettime(clockid_t clock);

}  // namespace heliograph::net::kernel
