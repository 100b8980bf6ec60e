#include "net/connector.hpp"

#include "net/endpoint.hpp"
#include "net/poller.hpp"
#include "net/socket.hpp"

namespace heliograph::net {

namespace {

Result<FileDescriptor, std::string> connect_in_time(const Endpoint& endpoint,
                                                    Milliseconds timeout) {
  auto socket = connect(endpoint);
  if (!socket) return socket;
  Poller poller;
  const bool writable = poller.add(socket->get(), 0, {.readable = false, .writable = true}) &&
                        !poller.wait(timeout).empty();
  const std::string reason = writable ? connect_outcome(socket->get()) : "it does not answer";
  if (reason.empty()) return socket;
  return fail("cannot connect to " + endpoint.text() + ": " + reason);
}

}  // namespace

Result<FileDescriptor, ConnectFailure> connect_to(const std::string& host, std::uint16_t port,
                                                  Milliseconds timeout) {
  const auto endpoints = resolve(host, port);
  if (!endpoints) return fail(ConnectFailure{ConnectError::kNoHost, endpoints.error()});
  ConnectFailure failure{ConnectError::kUnreachable, {}};
  for (const Endpoint& endpoint : *endpoints) {
    auto socket = connect_in_time(endpoint, timeout);
    if (socket) return std::move(*socket);
    failure.text = std::move(socket.error());
  }
  return fail(std::move(failure));
}

}  // namespace heliograph::net
