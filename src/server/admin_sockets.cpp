#include "server/admin_sockets.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include "http/error.hpp"
#include "net/socket.hpp"

namespace heliograph::server {

namespace {

// When descriptors are spent, accepting again at once would only spin.
constexpr Milliseconds kAcceptPause = 100;

bool has_body(const http::RequestHead& request) {
  const http::Field* const length = request.fields.find("Content-Length");
  return request.fields.find("Transfer-Encoding") != nullptr ||
         (length != nullptr && length->value != "0");
}

}  // namespace

AdminSockets::AdminSockets(const net::Listener& listener, net::Poller& poller,
                           net::PollToken listener_token)
    : listener_(listener), poller_(poller), listener_token_(listener_token) {
  if (poller_.add(listener_.fd(), listener_token_, {.readable = true})) return;
  throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "epoll_ctl");
}

std::optional<AdminSockets::Request> AdminSockets::on_ready(const net::Ready& ready,
                                                            Milliseconds now) {
  if (ready.token == listener_token_) {
    accept_clients(now);
    return std::nullopt;
  }
  Connection* const connection = connections_.find(ready.token);
  if (connection == nullptr) return std::nullopt;
  if (ready.failed) {
    close(ready.token, *connection);
  } else if (connection->state == State::kWriting) {
    write(ready.token, *connection, now);
  } else if (ready.readable) {
    return read(ready.token, *connection, now);
  }
  return std::nullopt;
}

void AdminSockets::accept_clients(Milliseconds now) {
  // The poller tells of the others again.
  for (std::size_t i = 0; i < kMaxAdminConnections; ++i) {
    auto accepted = listener_.accept();
    if (!accepted) {
      if (accepted.error() == net::AcceptError::kTryNext) continue;
      if (accepted.error() == net::AcceptError::kNone) return;
      poller_.remove(listener_.fd());
      accept_again_at_ = now + kAcceptPause;
      return;
    }
    if (connections_.size() >= kMaxAdminConnections) continue;
    const auto [id, connection] =
        connections_.emplace(std::move(accepted->socket), now + kAdminDeadline);
    if (!poller_.add(connection->socket.get(), id, {.readable = true})) connections_.erase(id);
  }
}

std::optional<AdminSockets::Request> AdminSockets::read(SlotId id, Connection& connection,
                                                        Milliseconds now) {
  const auto count = net::receive(connection.socket.get(), block_);
  if (!count) {
    if (count.error() != net::IoError::kWouldBlock) close(id, connection);
    return std::nullopt;
  }
  if (connection.state != State::kReading) return std::nullopt;
  MutableBytes input = MutableBytes(block_).first(*count);
  const auto head = connection.parser.receive(input);
  if (!head) {
    refuse(id, connection, http::status_for(head.error()), http::describe(head.error()), now);
    return std::nullopt;
  }
  if (!*head) return std::nullopt;
  const http::RequestHead& request = **head;
  connection.body = request.method == "HEAD" ? http::Body::kLeftOut : http::Body::kSent;
  connection.keep_alive = request.minor_version > 0 && input.empty() &&
                          !request.fields.has_token("Connection", "close");
  if (has_body(request)) {
    refuse(id, connection, 413, "no bodies are read here", now);
    return std::nullopt;
  }
  connection.state = State::kAnswering;
  connection.deadline = now + kAdminDeadline;
  watch(id, connection);
  return Request{id, request};
}

void AdminSockets::refuse(SlotId id, Connection& connection, int status, std::string_view line,
                          Milliseconds now) {
  connection.keep_alive = false;
  connection.state = State::kAnswering;
  constexpr http::Field kText[] = {{"Content-Type", "text/plain"}};
  respond(id, status, kText, std::string(line) + "\n", now);
}

void AdminSockets::respond(SlotId id, int status, std::span<const http::Field> fields,
                           std::string_view body, Milliseconds now) {
  Connection* const connection = connections_.find(id);
  if (connection == nullptr || connection->state != State::kAnswering) return;
  std::vector<http::Field> all(fields.begin(), fields.end());
  if (!connection->keep_alive) all.push_back({"Connection", "close"});
  if (!http::append_response(connection->output, status, all, body, connection->body)) {
    connection->keep_alive = false;
    constexpr http::Field kClose[] = {{"Connection", "close"}};
    std::ignore = http::append_response(connection->output, 500, kClose, "");
  }
  connection->state = State::kWriting;
  write(id, *connection, now);
}

void AdminSockets::write(SlotId id, Connection& connection, Milliseconds now) {
  const auto sent = net::send(connection.socket.get(), connection.output.bytes());
  if (sent) connection.output.consume(*sent);
  if (!sent && sent.error() == net::IoError::kFailed) return close(id, connection);
  if (connection.output.empty()) {
    connection.output.release();
    connection.deadline = now + kAdminDeadline;
    connection.state = connection.keep_alive ? State::kReading : State::kLingering;
    // What came behind the request is read away, or closing would reset the connection and take
    // the response along.
    if (!connection.keep_alive) net::shutdown_send(connection.socket.get());
  }
  watch(id, connection);
}

void AdminSockets::watch(SlotId id, Connection& connection) {
  const bool reads = connection.state == State::kReading || connection.state == State::kLingering;
  const net::Interest wanted = {.readable = reads, .writable = connection.state == State::kWriting};
  if (!poller_.modify(connection.socket.get(), id, wanted)) close(id, connection);
}

void AdminSockets::close(SlotId id, Connection& connection) {
  poller_.remove(connection.socket.get());
  connections_.erase(id);
}

void AdminSockets::on_timer(Milliseconds now) {
  if (now >= accept_again_at_) {
    const bool added = poller_.add(listener_.fd(), listener_token_, {.readable = true});
    accept_again_at_ = added ? kNever : now + kAcceptPause;
  }
  for (const SlotId id : connections_.ids()) {
    Connection& connection = *connections_.find(id);
    if (now >= connection.deadline) close(id, connection);
  }
}

Milliseconds AdminSockets::deadline() const {
  Milliseconds deadline = accept_again_at_;
  for (const SlotId id : connections_.ids()) {
    deadline = std::min(deadline, connections_.find(id)->deadline);
  }
  return deadline;
}

}  // namespace heliograph::server
