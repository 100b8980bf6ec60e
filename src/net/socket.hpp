// Non-blocking stream sockets: the only place that reads from and writes to the network.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::net {

enum class IoError : std::uint8_t {
  kWouldBlock,  // nothing to read, or no room to write: wait for the poller
  kEnd,         // the peer has sent its last byte (receive only)
  kFailed,      // the connection is gone
};

// Reads at least one byte into `into`, or says why not.
Result<std::size_t, IoError> receive(int fd, MutableBytes into);

// Writes what the kernel takes. Never raises SIGPIPE.
Result<std::size_t, IoError> send(int fd, Bytes bytes);

// No more bytes will be sent; receiving goes on.
void shutdown_send(int fd);

// Starts to connect; the socket becomes writable when the attempt has ended. The error is one
// line.
Result<FileDescriptor, std::string> connect(const Endpoint& endpoint);

// After the socket became writable: an empty string if the connection stands, else the reason.
std::string connect_outcome(int fd);

// Small messages leave at once.
void set_no_delay(int fd);

}  // namespace heliograph::net
