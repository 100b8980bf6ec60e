#include "server/worker.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "crypto/random.hpp"
#include "net/clock.hpp"
#include "net/socket.hpp"
#include "server/log_text.hpp"

namespace heliograph::server {

namespace {

// Tokens below any SlotId, whose generation is never 0.
constexpr net::PollToken kMailboxToken = 0;
constexpr net::PollToken kListenerToken = 1;
constexpr net::PollToken kRedisToken = 2;

// One read fits a TLS record of the largest size several times over.
constexpr std::size_t kReceiveSize = std::size_t{64} * 1024;
// What one client may have read in one turn, so that a flood does not hold up the others.
constexpr int kReadsPerTurn = 4;
// New clients per turn, so that a rush of them does not hold up those who are there.
constexpr int kAcceptsPerTurn = 64;
// When descriptors are spent, accepting again at once would only spin.
constexpr Milliseconds kAcceptPause = 100;

}  // namespace

Worker::Worker(std::uint32_t number, Node& node, net::Listener listener)
    : number_(number),
      node_(node),
      options_(*node.options),
      tls_(node.tls),
      close_above_(std::max(kCloseAbove, 2 * std::size_t{options_.channel.limits.max_message})),
      listener_(std::move(listener)),
      now_(net::monotonic_now()),
      wheel_(now_),
      receive_buffer_(std::make_unique<std::uint8_t[]>(kReceiveSize + kReadableTail)) {
  std::ignore = poller_.add(node_.mailboxes[number_]->fd(), kMailboxToken, {.readable = true});
  std::ignore = poller_.add(listener_->fd(), kListenerToken, {.readable = true});
  if (options_.redis) {
    redis_.emplace(*options_.redis, poller_, kRedisToken, crypto::random_u64());
  }
}

void Worker::run() {
  while (!stopped_ && !drained()) turn();
}

bool Worker::drained() const {
  return drain_until_ != kNever && (clients_.size() == 0 || now_ >= drain_until_);
}

void Worker::turn() {
  const Milliseconds deadline = next_deadline();
  const Milliseconds timeout = deadline == kNever ? kNever : deadline - std::min(deadline, now_);
  const std::span<const net::Ready> ready = poller_.wait(timeout);
  now_ = net::monotonic_now();
  for (const net::Ready& event : ready) on_ready(event);
  fire_timers();
  // Settling a client may end its session, which touches the parties of its calls.
  while (!touched_.empty()) {
    const SlotId id = touched_.back();
    touched_.pop_back();
    settle(id);
  }
  if (redis_) redis_->flush(now_);
}

Milliseconds Worker::next_deadline() const {
  const Milliseconds redis = redis_ ? redis_->deadline() : kNever;
  return std::min({wheel_.next(), redis, accept_again_at_, drain_until_});
}

void Worker::on_ready(const net::Ready& ready) {
  switch (ready.token) {
    case kMailboxToken:
      return read_mail();
    case kListenerToken:
      return accept_clients();
    case kRedisToken:
      redis_->on_ready(ready, now_);
      return take_redis_answers();
    default:
      break;
  }
  Client* const client = clients_.find(ready.token);
  if (client == nullptr) return;
  if (ready.readable && client->interest.readable) read(ready.token, *client);
  touch(ready.token, *client);
}

void Worker::accept_clients() {
  if (!listener_) return;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    auto accepted = listener_->accept();
    if (!accepted) {
      if (accepted.error() == net::AcceptError::kTryNext) continue;
      if (accepted.error() == net::AcceptError::kNoResources) {
        spdlog::warn("event=accept_paused reason=\"no descriptors or memory left\"");
        poller_.remove(listener_->fd());
        accept_again_at_ = now_ + kAcceptPause;
      }
      return;
    }
    const auto [id, client] =
        clients_.emplace(std::move(*accepted), options_.channel, tls_, now_, net::wall_clock_now());
    if (!poller_.add(client->socket.get(), id, client->interest)) {
      clients_.erase(id);
      continue;
    }
    touch(id, *client);
  }
}

void Worker::read(SlotId id, Client& client) {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const MutableBytes buffer{receive_buffer_.get(), kReceiveSize};
    const auto count = net::receive(client.socket.get(), buffer);
    if (!count) {
      if (count.error() == net::IoError::kWouldBlock) return;
      client.input_ended = true;
      client.broken = client.broken || count.error() == net::IoError::kFailed;
      return on_event(id, client, client.channel.receive_eof(client.output));
    }
    feed(id, client, buffer.first(*count));
    if (*count < kReceiveSize || client.output.size() > kPauseReadingAbove) return;
  }
}

void Worker::feed(SlotId id, Client& client, MutableBytes input) {
  for (;;) {
    const Channel::Event event = client.channel.receive(input, client.output, scratch_, now_);
    if (event.kind == Channel::Event::Kind::kNeedMore) return;
    on_event(id, client, event);
  }
}

void Worker::on_event(SlotId id, Client& client, const Channel::Event& event) {
  switch (event.kind) {
    case Channel::Event::Kind::kNeedMore:
      return;
    case Channel::Event::Kind::kOpened:
      return open_session(id, client);
    case Channel::Event::Kind::kMessage:
      if (client.session) {
        with_session(id, client, [&](signal::Session& session, signal::Effects& effects) {
          session.receive(event.data, now_, effects);
        });
      }
      return;
    case Channel::Event::Kind::kFinished:
      spdlog::debug("event=disconnected peer={} reason={}", client.peer, quoted(event.reason));
      client.linger_until = now_ + kCloseWait;
      return end_session(id, client);
  }
}

void Worker::open_session(SlotId id, Client& client) {
  spdlog::debug("event=connected peer={}", client.peer);
  client.session = std::make_unique<signal::Session>(address_of(id), options_.signal, dialect_);
  client.login_until = now_ + options_.login_timeout;
  with_session(id, client,
               [](signal::Session& session, signal::Effects& effects) { session.opened(effects); });
}

void Worker::end_session(SlotId id, Client& client) {
  if (!client.session) return;
  if (client.session->logged_in()) {
    spdlog::info("event=logout user={} peer={}", quoted(client.session->name()), client.peer);
  }
  with_session(id, client,
               [](signal::Session& session, signal::Effects& effects) { session.closed(effects); });
  client.session.reset();
  client.held.reset();
  touch(id, client);
}

void Worker::touch(SlotId id, Client& client) {
  if (client.touched) return;
  client.touched = true;
  touched_.push_back(id);
}

// The end of the turn for one client: everything that was said to it leaves, and it is watched for
// what it waits for now, or goes.
void Worker::settle(SlotId id) {
  Client* const client = clients_.find(id);
  if (client == nullptr) return;
  client->touched = false;
  write(*client);
  const bool finished = client->channel.finished() && client->output.empty();
  if (client->broken || (finished && (client->input_ended || now_ >= client->linger_until))) {
    end_session(id, *client);
    poller_.remove(client->socket.get());
    return clients_.erase(id);
  }
  if (finished && !client->send_shut_down) {
    client->send_shut_down = true;
    net::shutdown_send(client->socket.get());
  }
  watch(id, *client);
}

void Worker::write(Client& client) {
  while (!client.output.empty() && !client.broken) {
    const auto sent = net::send(client.socket.get(), client.output.bytes());
    if (!sent) {
      client.broken = sent.error() != net::IoError::kWouldBlock;
      return;
    }
    client.output.consume(*sent);
  }
  client.output.release();
}

void Worker::watch(SlotId id, Client& client) {
  const net::Interest wanted = {
      .readable = !client.input_ended && client.output.size() <= kPauseReadingAbove,
      .writable = !client.output.empty()};
  if (wanted != client.interest) {
    client.interest = wanted;
    poller_.modify(client.socket.get(), id, wanted);
  }
  const Milliseconds deadline = deadline_of(client);
  if (deadline < client.timer_at) {
    client.timer_at = deadline;
    wheel_.schedule(id, deadline);
  }
}

Milliseconds Worker::deadline_of(const Client& client) const {
  const Milliseconds held = client.held ? client.held->until : kNever;
  return std::min({client.channel.deadline(), held, client.login_until, client.linger_until});
}

void Worker::fire_timers() {
  due_.clear();
  wheel_.advance(now_, due_);
  for (const SlotId id : due_) {
    Client* const client = clients_.find(id);
    if (client == nullptr) continue;
    client->timer_at = kNever;
    on_timer(id, *client);
    touch(id, *client);
  }
  if (redis_) {
    if (redis_->on_timer(now_) == RedisLink::Wish::kResolve) resolve_redis();
    take_redis_answers();
  }
  if (now_ >= accept_again_at_) {
    accept_again_at_ = kNever;
    if (listener_) {
      std::ignore = poller_.add(listener_->fd(), kListenerToken, {.readable = true});
    }
  }
}

void Worker::on_timer(SlotId id, Client& client) {
  if (client.session && client.session->logged_in()) client.login_until = kNever;
  if (client.held && now_ >= client.held->until) {
    const std::unique_ptr<HeldLogin> held = std::move(client.held);
    look_up(std::move(held->login));
    read_own_mail();
  }
  if (now_ >= client.login_until && client.channel.open()) {
    client.login_until = kNever;
    close_client(id, client, ws::CloseCode::kPolicyViolation, "login took too long");
    read_own_mail();
  }
  on_event(id, client, client.channel.on_timer(client.output, scratch_, now_));
  // A client that neither reads nor closes: what is left for it is given up.
  if (now_ >= client.linger_until && !client.output.empty()) client.broken = true;
}

}  // namespace heliograph::server
