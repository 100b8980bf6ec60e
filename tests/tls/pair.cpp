#include "tests/tls/pair.hpp"

#include <algorithm>
#include <utility>

#include "tls/ticket.hpp"

namespace heliograph::tls::test {

ClientConfig default_client_config() {
  ClientConfig config(std::make_shared<FixedVerifier>());
  config.application_protocols = {"http/1.1"};
  return config;
}

ServerName server_test() {
  return ServerName::parse("server.test").value();
}

ServerConfig config_with_tickets() {
  static const auto kKeys = TicketKeys::generate();
  ServerConfig config = default_config();
  config.tickets = kKeys;
  return config;
}

void End::receive(Connection& connection, End& other, std::size_t piece) {
  Octets wire = octets(other.output.bytes());
  other.output.clear();
  for (std::size_t at = 0; at < wire.size(); at += piece) {
    Octets copy = octets(Bytes(wire).subspan(at, std::min(piece, wire.size() - at)));
    MutableBytes rest = copy;
    for (;;) {
      const auto event = connection.receive(rest, output);
      if (!event) {
        error = event.error();
        return;
      }
      if (event->kind == Event::Kind::kNeedMore) break;
      kinds.push_back(event->kind);
      std::string& sink = event->kind == Event::Kind::kEarlyData ? early_data : data;
      sink += as_text(event->data);
    }
  }
}

bool End::has_seen(Event::Kind kind) const {
  return std::ranges::find(kinds, kind) != kinds.end();
}

Pair::Pair(ClientConfig client_config, ServerConfig server_config,
           std::shared_ptr<const ClientSession> session, std::int64_t now, const ServerName& name)
    : client(std::make_shared<const ClientConfig>(std::move(client_config)), name, now,
             std::move(session)),
      server(std::make_shared<const ServerConfig>(std::move(server_config)), now) {
  client.start(client_end.output);
}

bool Pair::run(std::size_t piece) {
  while (!client_end.output.empty() || !server_end.output.empty()) {
    server_end.receive(server, client_end, piece);
    client_end.receive(client, server_end, piece);
  }
  return client.established() && server.established() && !client_end.error && !server_end.error;
}

void Pair::client_sends(std::string_view text) {
  const Bytes piece = as_bytes(text);
  client.send({&piece, 1}, client_end.output);
}

void Pair::server_sends(std::string_view text) {
  const Bytes piece = as_bytes(text);
  server.send({&piece, 1}, server_end.output);
}

std::shared_ptr<const ClientSession> Pair::session(std::int64_t now) {
  auto sessions = client.take_sessions(now);
  if (sessions.empty()) return nullptr;
  return std::make_shared<const ClientSession>(std::move(sessions.back()));
}

std::shared_ptr<const ClientSession> make_session(const ClientConfig& client_config,
                                                  const ServerConfig& server_config) {
  Pair pair(client_config, server_config);
  if (!pair.run()) return nullptr;
  return pair.session();
}

}  // namespace heliograph::tls::test
