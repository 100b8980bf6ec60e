// A server connection and the test client that talks to it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/tls/fixtures.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/server.hpp"

namespace heliograph::tls::test {

std::shared_ptr<const Credential> credential(std::string_view certificate, std::string_view key);

// Milliseconds since 1970: when the connections of the tests begin.
inline constexpr std::int64_t kNow = 1'800'000'000'000;

// A P-256 credential and ALPN for http/1.1.
ServerConfig default_config();

// What receive() has reported for one run of input.
struct Report {
  std::vector<Event::Kind> kinds;
  std::string data;
  std::optional<Error> error;
  bool operator==(const Report&) const = default;
};

// Feeds the input in pieces; what is to be sent is appended to `output`.
Report feed(Connection& connection, Bytes input, std::size_t piece, Buffer& output);

class Server {
 public:
  explicit Server(ServerConfig config = default_config())
      : connection(std::make_shared<const ServerConfig>(std::move(config)), kNow) {}

  // Feeds the input in pieces; what is to be sent is collected in `output`.
  Report receive(Bytes input, std::size_t piece = 1U << 20);
  // What was collected, once.
  Octets take_output();
  void send(std::string_view text);

  ServerConnection connection;
  Buffer output;
};

// Runs the handshake up to the client's Finished, which is not sent yet. False if the client finds
// fault with the server.
bool exchange_hellos(TestClient& client, Server& server);
// Runs the whole handshake.
bool complete_handshake(TestClient& client, Server& server);
// Gives the client what the server wants to send, and returns the alert that it ends with.
std::optional<AlertDescription> last_alert(TestClient& client, Server& server);

}  // namespace heliograph::tls::test
