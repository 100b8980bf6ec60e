#include "tls/server.hpp"

#include <utility>

#include "tls/server_handshake.hpp"

namespace heliograph::tls {

ServerConnection::ServerConnection(std::shared_ptr<const ServerConfig> config, std::int64_t now)
    : Connection(std::make_unique<ServerHandshake>(std::move(config), now)) {}

}  // namespace heliograph::tls
