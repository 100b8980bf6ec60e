// A listening TCP socket.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::net {

enum class AcceptError : std::uint8_t {
  kNone,         // nobody is waiting: wait for the poller
  kTryNext,      // this one went away before it was accepted
  kNoResources,  // descriptors or memory are spent: pause, then try again
};

struct Accepted {
  FileDescriptor socket;  // non-blocking, without delay
  Endpoint peer;
};

class Listener {
 public:
  // `shared` lets several workers of this process listen on the same port. Throws
  // std::system_error, e.g. if the port is in use.
  Listener(const Endpoint& endpoint, bool shared);
  // Takes a socket that listens already.
  explicit Listener(FileDescriptor socket) : socket_(std::move(socket)) {}
  // Takes `fd`, which whoever started this process has opened and listens on. The error is one
  // line.
  static Result<Listener, std::string> inherit(int fd);

  // One more on the same socket, for another thread. Throws std::system_error.
  [[nodiscard]] Listener duplicate() const;

  Result<Accepted, AcceptError> accept() const;
  [[nodiscard]] int fd() const { return socket_.get(); }
  // The address with the port that the kernel chose if port 0 was asked for.
  [[nodiscard]] Endpoint local() const;

 private:
  FileDescriptor socket_;
};

// One listener for each of `workers`, on the first of `candidates` that the host has. Throws
// std::system_error. A port that another process listens on is refused.
std::vector<Listener> listen(const std::vector<Endpoint>& candidates, std::size_t workers);

}  // namespace heliograph::net
