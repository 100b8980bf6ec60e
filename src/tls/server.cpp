#include "tls/server.hpp"

#include "tls/server_handshake.hpp"

namespace heliograph::tls {

ServerConnection::ServerConnection(std::shared_ptr<const ServerConfig> config, std::int64_t now)
    : Connection(std::make_unique<ServerHandshake>(*config, now), config->exporters),
      config_(std::move(config)) {}

std::optional<std::size_t> ServerConnection::max_post_handshake_body(HandshakeType /*type*/) const {
  return std::nullopt;
}

Connection::Outcome ServerConnection::receive_post_handshake(const HandshakeMessage& /*message*/) {
  return fail(Error::kUnexpectedMessage);
}

void ServerConnection::on_established(HandshakeSecrets& /*secrets*/) {
  config_.reset();
}

}  // namespace heliograph::tls
