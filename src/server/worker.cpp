#include "server/worker.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/random.hpp"
#include "net/clock.hpp"
#include "server/log.hpp"

namespace heliograph::server {

namespace {

constexpr Milliseconds kSecond = 1000;
constexpr net::PollToken kMailboxToken = ClientLoop::kFirstOwnerToken;
constexpr net::PollToken kFirstRedisToken = kMailboxToken + 1;

// A client may have two of the longest messages wait for it, however long those are.
WaterMarks marks_for(const ChannelOptions& options) {
  WaterMarks marks;
  marks.close_above = std::max(marks.close_above, 2 * std::size_t{options.limits.max_message});
  return marks;
}

// Which worker gets a client is chance, and each can close only its own: all have the same part.
Limits share_of(Limits limits, std::size_t workers) {
  limits.output /= workers;
  return limits;
}

}  // namespace

Worker::Worker(std::uint32_t number, Node& node, net::Listener listener)
    : number_(number),
      node_(node),
      options_(*node.options),
      settings_(node.settings),
      loop_(options_.channel, marks_for(options_.channel), settings_->tls, std::move(listener),
            share_of(settings_->limits, node.mailboxes.size()), &node.counts),
      heliograph_dialect_(options_.channel.ping_interval) {
  heliograph_dialect_.use_ice(settings_->ice);
  loop_.watch(node_.mailboxes[number_]->fd(), kMailboxToken);
  if (options_.redis) {
    redis_.emplace(*options_.redis, loop_.poller(), kFirstRedisToken, crypto::random_u64());
    loop_.wake_at(redis_->deadline());
  }
}

void Worker::run() {
  while (!stopped_ && !drained()) on_event(loop_.next());
}

void Worker::on_event(const ClientLoop::Event& event) {
  using Kind = ClientLoop::Event::Kind;
  tell_time();
  switch (event.kind) {
    case Kind::kReady:
      return on_ready(event.ready);
    case Kind::kUpgrade:
      return on_upgrade(event.client, *event.upgrade);
    case Kind::kMessage:
      return on_message(event.client, event.data);
    case Kind::kPong:
      return log::trace("pong",
                        {{"peer", loop_.peer(event.client)}, {"milliseconds", event.round_trip}});
    case Kind::kDeadline:
      return on_deadline(event.client);
    case Kind::kClosed:
      return on_closed(event.client, event.reason);
    case Kind::kAcceptPaused:
      return log::warn("accept_paused", {{"reason", "no descriptors or memory left"}});
    case Kind::kRefused:
      return on_refused(event.reason);
    case Kind::kTurnEnd:
      return on_turn_end();
  }
}

// Once in a turn.
void Worker::tell_time() {
  if (told_time_at_ == loop_.now()) return;
  told_time_at_ = loop_.now();
  heliograph_dialect_.tell_time(net::wall_clock_now() / kSecond);
}

void Worker::on_ready(const net::Ready& ready) {
  if (ready.token == kMailboxToken) return read_mail();
  redis_->on_ready(ready);
  take_redis_events();
}

// The subprotocol is the dialect; who offers none that we know speaks that of the tutorial.
void Worker::on_upgrade(SlotId id, const ws::UpgradeRequest& request) {
  constexpr std::array kSubprotocols = {signal::HeliographDialect::kSubprotocol};
  const std::string_view subprotocol =
      ws::choose_subprotocol(request.fields.joined("Sec-WebSocket-Protocol"), kSubprotocols);
  if (!loop_.accept(id, subprotocol)) return;
  signal::Dialect& dialect =
      subprotocol.empty() ? static_cast<signal::Dialect&>(tutorial_dialect_) : heliograph_dialect_;
  const net::HostAddress host = loop_.peer(id);
  log::debug("connected", {{"peer", host}});
  Member& member = members_.emplace(id, host, address_of(id), options_.signal, dialect);
  if (!subprotocol.empty()) member.login_time = kHeliographLoginTime;
  member.login_time = std::min(member.login_time, options_.login_timeout);
  member.login_until = loop_.now() + member.login_time;
  watch_deadlines(id, member);
  with_session(id, member,
               [](signal::Session& session, signal::Effects& effects) { session.opened(effects); });
}

void Worker::on_message(SlotId id, MutableBytes message) {
  Member* const member = members_.find(id);
  if (member == nullptr) return;
  with_session(id, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.receive(message, loop_.now(), effects);
  });
}

void Worker::on_closed(SlotId id, std::string_view reason) {
  log::debug("disconnected", {{"peer", loop_.peer(id)}, {"reason", reason}});
  Member* const member = members_.find(id);
  if (member == nullptr) return;
  if (member->session.logged_in()) {
    log::info("logout", {{"user", member->session.name()}, {"peer", loop_.peer(id)}});
  }
  with_session(id, *member,
               [](signal::Session& session, signal::Effects& effects) { session.closed(effects); });
  members_.erase(id);
}

void Worker::watch_deadlines(SlotId id, const Member& member) {
  loop_.set_deadline(id, std::min(member.held ? member.held->until : kNever, member.login_until));
}

void Worker::on_deadline(SlotId id) {
  Member* const member = members_.find(id);
  if (member == nullptr) return;
  if (member->session.logged_in()) member->login_until = kNever;
  if (member->held && loop_.now() >= member->held->until) {
    const std::unique_ptr<HeldLogin> held = std::move(member->held);
    look_up(std::move(held->login));
    read_own_mail();
  }
  if (loop_.now() >= member->login_until) {
    member->login_until = kNever;
    loop_.close(id, ws::CloseCode::kPolicyViolation, "login took too long");
  }
  watch_deadlines(id, *member);
}

void Worker::on_letter(Reconfigure& letter) {
  settings_ = std::move(letter.settings);
  loop_.use_tls(settings_->tls);
  loop_.use_limits(share_of(settings_->limits, node_.mailboxes.size()));
  heliograph_dialect_.use_ice(settings_->ice);
}

void Worker::on_turn_end() {
  Milliseconds wake_at = drain_until_;
  if (departures_) {
    let_go();
    wake_at = std::min(wake_at, departures_->next());
  }
  if (redis_) {
    redis_->on_timer(loop_.now());
    take_redis_events();
    redis_->flush();
    wake_at = std::min(wake_at, redis_->deadline());
  }
  loop_.wake_at(wake_at);
}

}  // namespace heliograph::server
