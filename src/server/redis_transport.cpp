#include "server/redis_transport.hpp"

#include <utility>

#include "net/clock.hpp"
#include "net/socket.hpp"

namespace heliograph::server {

namespace {

using Kind = RedisLoss::Kind;

bool is_disbelief(tls::Error error) {
  return error >= tls::Error::kCertificateKeyUsage && error <= tls::Error::kCertificateRefused;
}

std::unexpected<RedisLoss> lost(Kind kind, std::string text) {
  return fail(RedisLoss{.kind = kind, .text = std::move(text)});
}

}  // namespace

RedisTransport::RedisTransport(resp::Target target, const RedisTls& tls, net::Poller& poller,
                               net::PollToken token, std::size_t attempt,
                               std::shared_ptr<const tls::ClientSession> session)
    : target_(std::move(target)),
      tls_(tls),
      poller_(poller),
      token_(token),
      attempt_(attempt),
      session_(std::move(session)) {}

RedisTransport::~RedisTransport() {
  close_socket();
}

RedisTransport::Outcome RedisTransport::start() {
  if (!target_.path.empty()) {
    const auto endpoint = net::unix_endpoint(target_.path);
    if (!endpoint) return lost(Kind::kUnreachable, endpoint.error());
    return resolved({*endpoint}, {});
  }
  const auto endpoint = net::numeric_endpoint(target_.address.host, target_.address.port);
  return endpoint ? resolved({*endpoint}, {}) : Progress::kNothing;
}

RedisTransport::Outcome RedisTransport::resolved(std::vector<net::Endpoint> endpoints,
                                                 const std::string& error) {
  endpoints_ = std::move(endpoints);
  if (endpoints_.empty()) return lost(Kind::kNoHost, error);
  state_ = State::kConnecting;
  return connect_next({});
}

// The next address, if `reason` says why the one before took no connection.
RedisTransport::Outcome RedisTransport::connect_next(std::string reason) {
  while (tried_ < endpoints_.size()) {
    close_socket();
    const net::Endpoint& endpoint = endpoints_[(attempt_ + tried_++) % endpoints_.size()];
    auto socket = net::connect(endpoint);
    if (!socket) {
      reason = std::move(socket.error());
      continue;
    }
    socket_ = std::move(*socket);
    interest_ = {.readable = false, .writable = true};
    if (poller_.add(socket_.get(), token_, interest_)) return Progress::kNothing;
    reason = "the connection cannot be watched";
  }
  return lost(Kind::kUnreachable, std::move(reason));
}

RedisTransport::Outcome RedisTransport::connected() {
  watch({.readable = true, .writable = false});
  if (!target_.tls) {
    state_ = State::kOpen;
    return Progress::kOpened;
  }
  const auto name =
      tls::ServerName::parse(tls_.server_name.empty() ? target_.address.host : tls_.server_name);
  if (!name) return lost(Kind::kTls, name.error());
  state_ = State::kHandshake;
  machine_.emplace(tls_.config, *name, net::wall_clock_now(), std::exchange(session_, nullptr));
  machine_->start(wire_);
  return Progress::kNothing;
}

RedisTransport::Outcome RedisTransport::on_ready(const net::Ready& ready, MutableBytes block) {
  if (!socket_.valid()) return Progress::kNothing;
  if (state_ == State::kConnecting) {
    if (!ready.writable) return Progress::kNothing;
    const std::string reason = net::connect_outcome(socket_.get());
    return reason.empty() ? connected() : connect_next(reason);
  }
  if (!ready.readable || input_ended_) return Progress::kNothing;
  const auto count = net::receive(socket_.get(), block);
  if (count) {
    input_ = block.first(*count);
  } else if (count.error() != net::IoError::kWouldBlock) {
    input_ended_ = true;
  }
  return Progress::kNothing;
}

RedisTransport::Outcome RedisTransport::next() {
  if (machine_) return next_record();
  if (!input_.empty()) {
    data_ = std::exchange(input_, {});
    return Progress::kData;
  }
  if (input_ended_) return lost(Kind::kUnreachable, "it closed the connection");
  return Progress::kNothing;
}

RedisTransport::Outcome RedisTransport::next_record() {
  for (;;) {
    const auto event = machine_->receive(input_, wire_);
    if (!event) return fail_tls(event.error());
    switch (event->kind) {
      case tls::Event::Kind::kHandshakeComplete:
        state_ = State::kOpen;
        return Progress::kOpened;
      case tls::Event::Kind::kData:
        data_ = event->data;
        return Progress::kData;
      case tls::Event::Kind::kCloseNotify:
        return lost(Kind::kUnreachable, "it closed the connection");
      case tls::Event::Kind::kNeedMore:
        if (!input_ended_) return Progress::kNothing;
        return state_ == State::kHandshake
                   ? lost(Kind::kTls, "it hung up in the middle of the TLS handshake")
                   : lost(Kind::kUnreachable, "it closed the connection");
      case tls::Event::Kind::kSession:
        new_session_ = std::make_shared<tls::ClientSession>(
            std::move(machine_->take_sessions(net::wall_clock_now()).back()));
        break;
      case tls::Event::Kind::kEarlyData:
        break;
    }
  }
}

RedisTransport::Outcome RedisTransport::fail_tls(tls::Error error) {
  write(wire_);  // the alert
  std::string text = "TLS: " + std::string(tls::describe(error));
  if (const auto alert = machine_->peer_alert()) text.append(": ").append(tls::name(*alert));
  return lost(is_disbelief(error) ? Kind::kDisbelieved : Kind::kTls, std::move(text));
}

void RedisTransport::flush(Buffer& plaintext) {
  if (!socket_.valid() || state_ == State::kConnecting) return;
  if (!machine_) {
    write(plaintext);
    return watch({.readable = true, .writable = !plaintext.empty()});
  }
  // While records wait, plaintext does too: it is counted and bounded where it comes from.
  if (open() && wire_.empty() && !plaintext.empty()) {
    machine_->send(plaintext.bytes(), wire_);
    plaintext.clear();
  }
  write(wire_);
  watch({.readable = true, .writable = !wire_.empty()});
}

void RedisTransport::write(Buffer& bytes) {
  while (!bytes.empty() && !output_failed_) {
    const auto sent = net::send(socket_.get(), bytes.bytes());
    if (!sent) {
      // Whether the server is gone, and what it said before, is what reading will tell.
      output_failed_ = sent.error() != net::IoError::kWouldBlock;
      break;
    }
    bytes.consume(*sent);
  }
  if (output_failed_) bytes.clear();
}

void RedisTransport::watch(net::Interest wanted) {
  if (wanted == interest_) return;
  interest_ = wanted;
  // What is then not sent misses its deadline, and the client has the link closed.
  if (!poller_.modify(socket_.get(), token_, wanted)) output_failed_ = true;
}

void RedisTransport::close_socket() {
  if (socket_.valid()) poller_.remove(socket_.get());
  socket_.reset();
}

const tls::Negotiated* RedisTransport::negotiated() const {
  return machine_ && machine_->established() ? &machine_->negotiated() : nullptr;
}

}  // namespace heliograph::server
