#include "tls/client.hpp"

#include <algorithm>
#include <utility>

#include "tls/client_handshake.hpp"
#include "tls/key_schedule.hpp"
#include "tls/new_session_ticket.hpp"

namespace heliograph::tls {
namespace {

// A longer one leaves no room in a ClientHello; it is as if it had not been sent.
constexpr std::size_t kMaxTicket = std::size_t{32} * 1024;

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<const ClientConfig> config,
                                   const ServerName& server_name, std::int64_t now,
                                   const std::shared_ptr<const ClientSession>& session)
    : Connection(std::make_unique<ClientHandshake>(std::move(config), server_name, now, session)) {
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
  if (ticket->lifetime == 0 || ticket->ticket.size() > kMaxTicket) return std::nullopt;
  const Negotiated& agreed = negotiated();
  ClientSession received;
  received.session = make_session(
      agreed, resumption_key(hash_of(agreed.cipher_suite), resumption_->secret, ticket->nonce));
  received.session.lifetime = std::min(ticket->lifetime, kMaxTicketLifetime);
  received.session.age_add = ticket->age_add;
  received.session.max_early_data_size = ticket->max_early_data_size;
  received.ticket.assign(ticket->ticket.begin(), ticket->ticket.end());
  received.credential = agreed.credential;
  std::vector<ClientSession>& sessions = resumption_->sessions;
  if (sessions.size() == kMaxSessions) sessions.erase(sessions.begin());
  sessions.push_back(std::move(received));
  return Event{Event::Kind::kSession, {}};
}

void ClientConnection::on_established(HandshakeSecrets& secrets) {
  resumption_ = std::make_unique<Resumption>(std::move(secrets.resumption));
}

}  // namespace heliograph::tls
