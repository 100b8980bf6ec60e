// The server side of a TLS 1.3 connection.
#pragma once

#include <cstdint>
#include <memory>

#include "tls/connection.hpp"
#include "tls/server_config.hpp"

namespace heliograph::tls {

class ServerConnection : public Connection {
 public:
  // `now`: milliseconds since 1970, when the connection began. Certificates and tickets are judged
  // by it. Throws std::invalid_argument if the configuration cannot work.
  ServerConnection(std::shared_ptr<const ServerConfig> config, std::int64_t now);
};

static_assert(sizeof(ServerConnection) == sizeof(Connection));

}  // namespace heliograph::tls
