#include "server/worker.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "crypto/random.hpp"
#include "net/clock.hpp"
#include "server/log.hpp"

namespace heliograph::server {

namespace {

constexpr std::int64_t kSecond = 1000;
constexpr net::PollToken kMailboxToken = ClientLoop::kFirstOwnerToken;
constexpr net::PollToken kFirstRedisToken = kMailboxToken + 1;

// A client may have two of the longest messages wait for it, however long those are.
WaterMarks marks_for(const ChannelOptions& options) {
  WaterMarks marks;
  marks.close_above = std::max(marks.close_above, 2 * std::size_t{options.limits.max_message});
  return marks;
}

// The client is done, or was told not to come back. A close frame without a code is what
// `socket.close()` in a page sends.
bool ends_session(const ClientLoop::Event& event) {
  if (event.by_server) {
    return !signal::may_reconnect(static_cast<std::uint16_t>(event.close_code));
  }
  return event.close_code == ws::CloseCode::kNormal || event.close_code == ws::CloseCode::kNoStatus;
}

// Which worker gets a client is chance, and each can close only its own: all have the same part.
Limits share_of(Limits limits, std::size_t workers) {
  limits.buffered /= workers;
  return limits;
}

}  // namespace

Worker::Worker(std::uint32_t number, Node& node, net::Listener listener)
    : number_(number),
      node_(node),
      options_(*node.options),
      settings_(node.settings),
      loop_(settings_->channel, marks_for(settings_->channel), settings_->tls, std::move(listener),
            share_of(settings_->limits, node.mailboxes.size()), &node.counts),
      heliograph_dialect_(settings_->channel.ping_interval) {
  heliograph_dialect_.use_ice(settings_->ice);
  loop_.watch(node_.mailboxes[number_]->fd(), kMailboxToken);
  if (options_.redis) {
    redis_.emplace(*options_.redis, loop_.poller(), kFirstRedisToken, crypto::random_u64());
    loop_.wake_at(redis_->deadline());
  }
}

void Worker::run() {
  while (!stopped_) {
    on_event(loop_.next());
    end_drain();
  }
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
      return on_pong(event.client, event.round_trip);
    case Kind::kDeadline:
      return on_deadline(event.client);
    case Kind::kClosed:
      return on_closed(event);
    case Kind::kAcceptPaused:
      if (const std::size_t count = accept_paused_.happened(loop_.now())) {
        log::warn("accept_paused", {{"reason", "no descriptors or memory left"}, {"count", count}});
      }
      return;
    case Kind::kRefused:
      if (const std::size_t count = refused_.happened(loop_.now())) {
        log::warn("refused", {{"reason", event.reason}, {"count", count}});
      }
      return;
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
  if (ready.readable) loop_.metrics().redis_heard_at.set(loop_.now());
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
  member.time_to_log_in.begin(loop_.now(), member.login_time);
  watch_deadlines(id, member);
  with_session(id, member,
               [](signal::Session& session, signal::Effects& effects) { session.opened(effects); });
}

void Worker::on_message(SlotId id, MutableBytes message) {
  Member* const member = members_.find(id);
  if (member == nullptr) return;
  loop_.metrics().message_bytes[Direction::kIn].add(message.size());
  if (member->line && member->line->session) {
    forward(*member->line->session, address_of(id), message, Heard::kAfter);
    return read_own_mail();
  }
  with_session(id, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.receive(message, loop_.now(), effects);
  });
}

// A session outlives its connection unless somebody meant it to end.
void Worker::on_closed(const ClientLoop::Event& event) {
  const SlotId id = event.client;
  log::debug("disconnected", {{"peer", loop_.peer(id)}, {"reason", event.reason}});
  Member* const member = members_.find(id);
  if (member == nullptr) return;
  const bool for_good = ends_session(event);
  if (member->line && member->line->session) {
    const signal::Address session = *member->line->session;
    members_.erase(id);
    client_lost(session, address_of(id), for_good);
    return read_own_mail();
  }
  if (!for_good && member->lifeline && member->session.can_resume()) return park(id, *member);
  end_session(id, *member);
}

void Worker::end_session(SlotId id, Member& member) {
  if (member.session.logged_in()) {
    log::info("logout", {{"user", member.session.name()}, {"peer", member.peer}});
  }
  with_session(
      id, member,
      [](signal::Session& session, signal::Effects& effects) { session.closed(effects); },
      CallEnd::kGone);
  forget_session(id);
}

void Worker::watch_deadlines(SlotId id, Member& member) {
  Milliseconds deadline =
      std::min(member.held ? member.held->until : kNever, member.time_to_log_in.until());
  if (!member.lifeline || !adrift_.contains(id)) return loop_.set_deadline(id, deadline);
  Lifeline& lifeline = *member.lifeline;
  deadline = std::min(deadline, lifeline.away_until);
  adrift_timers_.erase({lifeline.timer_at, id});
  lifeline.timer_at = deadline;
  if (deadline != kNever) adrift_timers_.emplace(deadline, id);
}

void Worker::on_deadline(SlotId id) {
  Member* member = session_at(id);
  if (member == nullptr) return;
  if (member->session.logged_in()) member->time_to_log_in.over();
  if (member->held && loop_.now() >= member->held->until) {
    const std::unique_ptr<HeldLogin> held = std::move(member->held);
    look_up(std::move(held->login));
    read_own_mail();
    member = session_at(id);
    if (member == nullptr) return;
  }
  if (member->lifeline && loop_.now() >= member->lifeline->away_until) {
    return end_session(id, *member);
  }
  if (loop_.now() >= member->time_to_log_in.until()) {
    member->time_to_log_in.over();
    close_client(id, *member, signal::kPolicyViolation, "login took too long");
  }
  watch_deadlines(id, *member);
}

std::size_t Worker::Seldom::happened(Milliseconds now) {
  ++count_;
  if (now >= period_ends_) {
    period_ends_ = now + kPeriod;
    logged_ = 0;
  }
  if (logged_ == at_most_) return 0;
  ++logged_;
  return std::exchange(count_, 0);
}

void Worker::on_letter(AreYouAlive& /*letter*/) {
  node_.alive.post({.worker = number_});
}

void Worker::on_letter(Reconfigure& letter) {
  settings_ = std::move(letter.settings);
  loop_.use_tls(settings_->tls);
  loop_.use_options(settings_->channel, marks_for(settings_->channel));
  loop_.use_limits(share_of(settings_->limits, node_.mailboxes.size()));
  heliograph_dialect_.use_ice(settings_->ice);
  heliograph_dialect_.use_heartbeat(settings_->channel.ping_interval);
}

void Worker::on_turn_end() {
  count_turn();
  run_adrift_timers();
  Milliseconds wake_at = kNever;
  if (departures_ && !drained_) {
    let_go();
    wake_at = std::min(drain_until_, departures_->next());
  }
  if (redis_) {
    redis_->on_timer(loop_.now());
    take_redis_events();
    redis_->flush();
    wake_at = std::min(wake_at, redis_->deadline());
  }
  if (!adrift_timers_.empty()) wake_at = std::min(wake_at, adrift_timers_.begin()->first);
  loop_.wake_at(wake_at);
}

}  // namespace heliograph::server
