// A kernel for tests of loops: sockets, epoll and clock are objects here, and every call can be
// made to fail. A program that links it has no other (see net/kernel.hpp).
//
// The test is the world at the other end of the sockets. Nothing happens by itself: when the loop
// waits and nothing is ready, idle() is asked to move the world on. Time passes only then.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <sys/epoll.h>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace heliograph::net::test {

enum class Call : std::uint8_t {
  kReceive,
  kSend,
  kShutdown,
  kAccept,
  kPollAdd,
  kPollModify,
  kPollRemove,
  kPollWait,
};

// Thrown through the loop when it would sleep without end, or for longer than the test cares.
struct LoopSleeps {};
// Thrown when it goes round and round, and time does not pass.
struct LoopSpins {};

class VirtualKernel {
 public:
  static constexpr std::uint32_t kLoopback = 0x7f000001;

  // A connection, as both ends see it. Stays here after it was closed.
  struct Socket {
    std::uint32_t address = kLoopback;  // IPv4, of the client
    std::vector<std::uint8_t> to_server;
    std::vector<std::uint8_t> to_client;
    std::size_t window = 1 << 16;  // how many bytes `to_client` may hold
    bool client_finished = false;  // the client sent its last byte
    bool reset = false;
    bool server_finished = false;
    bool closed = false;  // by the server
  };

  VirtualKernel();
  VirtualKernel(const VirtualKernel&) = delete;
  VirtualKernel& operator=(const VirtualKernel&) = delete;
  ~VirtualKernel();

  static VirtualKernel& current();

  // The descriptor of a listening socket.
  int listen();
  // A client connects; the number of its socket.
  int connect(std::uint32_t address = kLoopback);
  Socket& socket(int number) { return sockets_.at(number); }
  [[nodiscard]] std::size_t open_sockets() const;

  // What is wrong now that the loop sleeps, or null: bytes that would wait for ever.
  [[nodiscard]] const char* complaint() const;

  // Asked at every call: the errno to fail with, or 0.
  std::function<int(Call)> fault = [](Call) { return 0; };
  // Asked for every transfer: how many of so many bytes (at least one) are moved.
  std::function<std::size_t(std::size_t)> portion = [](std::size_t size) { return size; };
  // Nothing is ready. True if the world has changed something; otherwise time passes.
  std::function<bool()> idle = [] { return false; };
  // What a test of the test sets: changes of interest are taken and forgotten.
  bool forgets_changes = false;
  // Past it the loop is stopped, however it goes on.
  Milliseconds end_of_time = kNever;

  // The calls.
  ssize_t recv(int fd, MutableBytes into);
  ssize_t send(int fd, Bytes bytes);
  int shutdown(int fd);
  int accept(std::uint32_t& address);
  int close(int fd);
  int epoll_ctl(int operation, int fd, const epoll_event* event);
  int epoll_wait(epoll_event* events, std::size_t capacity, int timeout);
  [[nodiscard]] Milliseconds now() const { return now_; }

 private:
  [[nodiscard]] std::uint32_t readiness(int fd, std::uint32_t interest) const;
  std::size_t collect(epoll_event* events, std::size_t capacity);

  std::map<int, Socket> sockets_;
  std::map<int, epoll_event> watched_;
  std::vector<int> waiting_;  // to be accepted
  int next_ = 100;
  int listener_ = -1;
  int last_served_ = 0;  // where epoll goes on, so that it is fair
  int rounds_ = 0;       // since time passed, or the world moved
  Milliseconds now_ = 1'000'000;
};

}  // namespace heliograph::net::test
