// Connecting as a client that has nothing else to do: waits until the connection stands.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::net {

enum class ConnectError : std::uint8_t {
  kNoHost,       // the name has no address
  kUnreachable,  // none of its addresses took the connection in time
};

struct ConnectFailure {
  ConnectError error;
  std::string text;  // one line
};

// A non-blocking socket. The addresses of `host` are tried one after the other, each for at most
// `timeout`. Blocks.
Result<FileDescriptor, ConnectFailure> connect_to(const std::string& host, std::uint16_t port,
                                                  Milliseconds timeout);

}  // namespace heliograph::net
