// What the owner of a ClientLoop says: each appends output and has the client settled when the turn
// ends.

#include "server/client_loop.hpp"

namespace heliograph::server {

// Whoever was told that a client is closed has no more to say to it, nor does what is said to one
// who is lost reach anybody.
ClientLoop::Client* ClientLoop::find_live(SlotId id) {
  Client* const client = clients_.find(id);
  return client == nullptr || client->closed_told || client->broken ? nullptr : client;
}

bool ClientLoop::accept(SlotId id, std::string_view subprotocol,
                        std::span<const http::Field> fields) {
  Client* const client = find_live(id);
  if (client == nullptr) return false;
  touch(id, *client);
  if (!client->channel.accept(subprotocol, fields, output_of(*client), now_)) return false;
  no_longer_unopened(*client);
  return true;
}

bool ClientLoop::reject(SlotId id, const ws::Rejection& rejection) {
  Client* const client = find_live(id);
  if (client == nullptr) return false;
  touch(id, *client);
  if (!client->channel.reject(rejection, output_of(*client))) return false;
  client->ending = Ending::kAsked;
  return true;
}

void ClientLoop::send(SlotId id, ws::Opcode opcode, std::span<const Bytes> pieces) {
  Client* const client = find_live(id);
  if (client == nullptr) return;
  client->channel.send(opcode, pieces, output_of(*client));
  touch(id, *client);
  end_if_too_slow(*client);
  count_buffered(*client);
  if (buffered_ > limits_.buffered) close_greediest();
}

void ClientLoop::end_if_too_slow(Client& client) {
  if (waiting(client) <= marks_.close_above || !client.channel.open()) return;
  write(client);
  if (client.output.size() <= marks_.close_above) return;
  client.channel.close(ws::CloseCode::kPolicyViolation, "too slow", client.output, now_);
  client.ending = Ending::kTooSlow;
  client.close_code = ws::CloseCode::kPolicyViolation;
  metrics().slow_closes.add();
}

void ClientLoop::set_deadline(SlotId id, Milliseconds time) {
  Client* const client = find_live(id);
  if (client == nullptr) return;
  client->owner_deadline = time;
  touch(id, *client);
}

void ClientLoop::close(SlotId id, ws::CloseCode code, std::string_view reason) {
  Client* const client = find_live(id);
  if (client == nullptr || client->channel.ending()) return;
  client->channel.close(code, reason, output_of(*client), now_);
  client->ending = Ending::kAsked;
  client->close_code = code;
  touch(id, *client);
}

void ClientLoop::close_all(ws::CloseCode code, std::string_view reason) {
  for (const SlotId id : clients_.ids()) close(id, code, reason);
}

net::HostAddress ClientLoop::peer(SlotId id) const {
  const Client* const client = clients_.find(id);
  return client == nullptr ? net::HostAddress() : client->peer;
}

const tls::Peer* ClientLoop::certificate(SlotId id) const {
  const Client* const client = clients_.find(id);
  return client == nullptr ? nullptr : client->channel.certificate();
}

}  // namespace heliograph::server
