// The server side of a TLS 1.3 connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "tls/connection.hpp"
#include "tls/server_config.hpp"

namespace heliograph::tls {

class ServerConnection : public Connection {
 public:
  // `now`: milliseconds since 1970, when the connection began. Certificates and tickets are judged
  // by it.
  ServerConnection(std::shared_ptr<const ServerConfig> config, std::int64_t now);

 private:
  [[nodiscard]] std::optional<std::size_t> max_post_handshake_body(
      HandshakeType type) const override;
  Outcome receive_post_handshake(const HandshakeMessage& message) override;
  void on_established(HandshakeSecrets& secrets) override;

  // Used by the handshake.
  std::shared_ptr<const ServerConfig> config_;
};

}  // namespace heliograph::tls
