// The datagrams by which a service tells the manager that started it how it is (sd_notify(3)).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::net {

class NotifySocket {
 public:
  // `address` as the manager hands it over: an absolute path, or "@" and the name of an abstract
  // socket. The error is one line.
  static Result<NotifySocket, std::string> open(std::string_view address);

  // Lines of "NAME=value" in one datagram. Does not block: false if the manager has so much to read
  // that this has to be said again later. One that is gone misses it.
  [[nodiscard]] bool send(std::string_view state) const;

 private:
  NotifySocket(FileDescriptor socket, const Endpoint& manager)
      : socket_(std::move(socket)), manager_(manager) {}

  FileDescriptor socket_;
  Endpoint manager_;
};

}  // namespace heliograph::net
