#include "tls/client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tls/client_handshake.hpp"
#include "tls/new_session_ticket.hpp"

namespace heliograph::tls {
namespace {

const ClientConfig& checked(const std::shared_ptr<const ClientConfig>& config) {
  if (!config || !config->verifier) {
    throw std::invalid_argument("a TLS client needs a verifier for servers");
  }
  return *config;
}

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<const ClientConfig> config,
                                   const ServerName& server_name, std::int64_t now,
                                   std::shared_ptr<const ClientSession> session)
    : Connection(std::make_unique<ClientHandshake>(checked(config), server_name, now, session),
                 config->exporters),
      config_(std::move(config)) {
  if (session) early_data_room_ = session->session.max_early_data_size;
}

void ClientConnection::start(Buffer& output) {
  static_cast<ClientHandshake*>(handshake())->start(channel(output));
}

std::size_t ClientConnection::early_data_room() const {
  const auto* client = static_cast<const ClientHandshake*>(handshake());
  return client != nullptr && client->may_send_early_data() ? early_data_room_ : 0;
}

void ClientConnection::send_early_data(std::span<const Bytes> plaintext, Buffer& output) {
  std::size_t size = 0;
  for (const Bytes piece : plaintext) size += piece.size();
  if (size > early_data_room()) return;
  early_data_room_ -= static_cast<std::uint32_t>(size);
  channel(output).send.send_application_data(plaintext, output);
}

std::vector<ClientSession> ClientConnection::take_sessions(std::int64_t now) {
  if (!resumption_) return {};
  for (ClientSession& session : resumption_->sessions) session.session.issued_at = now;
  return std::exchange(resumption_->sessions, {});
}

std::optional<std::size_t> ClientConnection::max_post_handshake_body(HandshakeType type) const {
  if (type == HandshakeType::kNewSessionTicket) return kMaxNewSessionTicket;
  return std::nullopt;
}

Connection::Outcome ClientConnection::receive_post_handshake(const HandshakeMessage& message) {
  const auto ticket = parse_new_session_ticket(message.body());
  if (!ticket) return fail(ticket.error());
  if (ticket->lifetime == 0) return std::nullopt;
  const Negotiated& agreed = negotiated();
  ClientSession session;
  session.session.cipher_suite = agreed.cipher_suite;
  session.session.pre_shared_key =
      resumption_key(hash_of(agreed.cipher_suite), resumption_->secret, ticket->nonce);
  session.session.lifetime = std::min(ticket->lifetime, kMaxTicketLifetime);
  session.session.age_add = ticket->age_add;
  session.session.max_early_data_size = ticket->max_early_data_size;
  session.session.server_name = agreed.server_name;
  session.session.application_protocol = agreed.application_protocol;
  session.session.peer_signature_scheme = agreed.peer_signature_scheme;
  session.session.peer = agreed.peer;
  session.ticket.assign(ticket->ticket.begin(), ticket->ticket.end());
  auto& sessions = resumption_->sessions;
  if (sessions.size() == kMaxSessions) sessions.erase(sessions.begin());
  sessions.push_back(std::move(session));
  return Event{Event::Kind::kSession, {}};
}

void ClientConnection::on_established(HandshakeSecrets& secrets) {
  resumption_ = std::make_unique<Resumption>(std::move(secrets.resumption));
  config_.reset();
}

}  // namespace heliograph::tls
