// A client connection and a server connection that talk to each other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "tests/tls/server_fixture.hpp"
#include "tls/client.hpp"
#include "tls/server.hpp"

namespace heliograph::tls::test {

// Believes everybody, or refuses everybody with one error.
class FixedVerifier : public PeerVerifier {
 public:
  explicit FixedVerifier(std::optional<Error> refusal = std::nullopt) : refusal_(refusal) {}
  [[nodiscard]] Result<void, Error> verify(const crypto::PeerCertificate& /*certificate*/,
                                           Bytes /*ocsp_response*/,
                                           std::string_view /*server_name*/,
                                           std::int64_t /*now*/) const override {
    if (refusal_) return fail(*refusal_);
    return {};
  }

 private:
  std::optional<Error> refusal_;
};

ClientConfig default_client_config();
ServerName server_test();

// Tickets under `keys`, the rest as in default_config().
ServerConfig config_with_tickets();

// One end: what it has reported, and what it wants to send.
struct End {
  Buffer output;
  std::vector<Event::Kind> kinds;
  std::string data;
  std::string early_data;
  std::optional<Error> error;

  // Hands over everything that `other` wants to send, in pieces; nothing is left of it.
  void receive(Connection& connection, End& other, std::size_t piece);
  [[nodiscard]] bool has_seen(Event::Kind kind) const;
};

class Pair {
 public:
  explicit Pair(ClientConfig client_config = default_client_config(),
                ServerConfig server_config = default_config(),
                std::shared_ptr<const ClientSession> session = nullptr, std::int64_t now = kNow,
                const ServerName& name = server_test());

  // Carries bytes to and fro until neither end has anything to send. True if both are established.
  bool run(std::size_t piece = 1U << 20);
  void client_sends(std::string_view text);
  void server_sends(std::string_view text);
  // The newest session that the client was given.
  std::shared_ptr<const ClientSession> session(std::int64_t now = kNow);

  ClientConnection client;
  ServerConnection server;
  End client_end;
  End server_end;
};

// The session that a connection with these configurations leaves behind.
std::shared_ptr<const ClientSession> make_session(const ClientConfig& client_config,
                                                  const ServerConfig& server_config);

}  // namespace heliograph::tls::test
