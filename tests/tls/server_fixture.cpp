#include "tests/tls/server_fixture.hpp"

#include <algorithm>

namespace heliograph::tls::test {

std::shared_ptr<const Credential> credential(std::string_view certificate, std::string_view key) {
  return load_credential(as_bytes(certificate), as_bytes(key), {}).value_or(nullptr);
}

ServerConfig default_config() {
  static const auto kCredential = credential(kP256Certificate, kP256Key);
  ServerConfig config;
  config.credentials = {kCredential};
  config.application_protocols = {"http/1.1"};
  return config;
}

Report feed(Connection& connection, Bytes input, std::size_t piece, Buffer& output) {
  Report report;
  // Each piece lies in memory of its own size, so that a read beyond it is found out.
  for (std::size_t at = 0; at < input.size(); at += piece) {
    Octets copy = octets(input.subspan(at, std::min(piece, input.size() - at)));
    MutableBytes rest = copy;
    for (;;) {
      const auto event = connection.receive(rest, output);
      if (!event) {
        report.error = event.error();
        return report;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      report.kinds.push_back(event->kind);
      report.data += as_text(event->data);
    }
  }
  return report;
}

Report Server::receive(Bytes input, std::size_t piece) {
  return feed(connection, input, piece, output);
}

Octets Server::take_output() {
  Octets taken = octets(output.bytes());
  output.clear();
  return taken;
}

void Server::send(std::string_view text) {
  const Bytes piece = as_bytes(text);
  connection.send({&piece, 1}, output);
}

bool exchange_hellos(TestClient& client, Server& server) {
  if (server.receive(client.client_hello()).error) return false;
  if (!client.receive(server.take_output())) return false;
  if (!client.got_retry_request) return true;
  if (server.receive(client.second_client_hello()).error) return false;
  return client.receive(server.take_output());
}

bool complete_handshake(TestClient& client, Server& server) {
  if (!exchange_hellos(client, server)) return false;
  if (server.receive(client.finished()).error) return false;
  return server.connection.established() && client.receive(server.take_output());
}

std::optional<AlertDescription> last_alert(TestClient& client, Server& server) {
  client.receive(server.take_output());
  if (client.alerts.empty()) return std::nullopt;
  return client.alerts.back();
}

}  // namespace heliograph::tls::test
