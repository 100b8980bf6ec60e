// The client side of a TLS 1.3 connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tls/client_config.hpp"
#include "tls/connection.hpp"
#include "tls/server_name.hpp"
#include "tls/session.hpp"

namespace heliograph::tls {

// A server may send tickets without end, and nobody need take them.
inline constexpr std::size_t kMaxSessions = 8;

class ClientConnection : public Connection {
 public:
  // `now`: milliseconds since 1970. Throws std::invalid_argument if the configuration cannot work.
  // A session from take_sessions() of an earlier connection is
  // resumed if the server agrees. "Clients SHOULD NOT reuse a ticket for multiple connections."
  ClientConnection(std::shared_ptr<const ClientConfig> config, const ServerName& server_name,
                   std::int64_t now, const std::shared_ptr<const ClientSession>& session = nullptr);

  // Sends the first flight. Call once, before everything else.
  void start(Buffer& output);

  // Bytes of early data that may still be sent; 0 without a session that allows it. Only until the
  // handshake is complete; then negotiated().early_data says whether the server has read them.
  [[nodiscard]] std::size_t early_data_room() const;
  // Requires as much room. Anybody may replay what is sent so.
  void send_early_data(std::span<const Bytes> plaintext, Buffer& output);
  void send_early_data(Bytes plaintext, Buffer& output) {
    send_early_data({&plaintext, 1}, output);
  }

  // The sessions that have arrived since the last call, the newest kMaxSessions of them, oldest
  // first. Take them when kSession says so: `now` counts as the time at which they came.
  [[nodiscard]] std::vector<ClientSession> take_sessions(std::int64_t now);

 private:
  // What tickets need, from the handshake.
  struct Resumption {
    crypto::Secret secret;
    std::vector<ClientSession> sessions;
  };

  [[nodiscard]] std::optional<std::size_t> max_post_handshake_body(
      HandshakeType type) const override;
  Outcome receive_post_handshake(const HandshakeMessage& message) override;
  void on_established(HandshakeSecrets& secrets) override;
  void on_failed() override { resumption_.reset(); }

  std::uint32_t early_data_room_ = 0;
  std::unique_ptr<Resumption> resumption_;
};

}  // namespace heliograph::tls
