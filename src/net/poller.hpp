// Level-triggered epoll: who is ready, told by the token under which a descriptor was added.
//
// A token is the caller's: it names a slot and its generation, so that an event for a connection
// that was closed earlier in the same turn is recognised and dropped.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::net {

using PollToken = std::uint64_t;

struct Interest {
  bool readable = false;
  bool writable = false;
  friend bool operator==(const Interest&, const Interest&) = default;
};

struct Ready {
  PollToken token = 0;
  bool readable = false;  // also at end of input and after an error: reading tells which
  bool writable = false;
  // An error, or both directions have ended: reported even if nothing is watched.
  bool failed = false;
};

class Poller {
 public:
  // Throws std::system_error if the kernel gives no epoll instance.
  Poller();

  // False if the kernel refuses the descriptor.
  [[nodiscard]] bool add(int fd, PollToken token, Interest interest);
  // Likewise.
  [[nodiscard]] bool modify(int fd, PollToken token, Interest interest);
  void remove(int fd);

  // Waits until something is ready or `timeout` has passed (kNever: without end). The result is
  // valid until the next call.
  std::span<const Ready> wait(Milliseconds timeout);

 private:
  static constexpr std::size_t kMaxEvents = 512;

  FileDescriptor epoll_;
  std::array<Ready, kMaxEvents> ready_;
};

}  // namespace heliograph::net
