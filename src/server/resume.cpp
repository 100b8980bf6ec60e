// The worker's part in a resume. A session stays on the worker where its user logged in, and goes
// on under the id of its first connection: so everything that is on its way to it, and every
// directory that knows of it, stays right, and the order of each sender holds. What changes is
// where its client is:
//
//   on that connection ──lost──▶ away ──resume──▶ on another connection, here or of another worker,
//                                                 which only carries messages to and fro
//
// A connection of another worker speaks for the session by letters. Both ways they are in one
// mailbox each, so what was said first arrives first.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/buffer.hpp"
#include "server/log.hpp"
#include "server/worker.hpp"
#include "signal/close_code.hpp"

namespace heliograph::server {

namespace {

// Guesses are counted per session that they are about.
std::string throttle_key(const std::optional<signal::ResumeToken>& token) {
  std::string key(1, signal::kSessionMark);
  if (!token) return key;
  const signal::Address& session = token->session;
  return key + std::to_string(session.worker) + '/' + std::to_string(session.connection);
}

}  // namespace

Worker::Member* Worker::session_at(SlotId id) const {
  if (Member* const member = members_.find(id)) return member;
  const auto entry = adrift_.find(id);
  return entry == adrift_.end() ? nullptr : entry->second.get();
}

// The session's side: its client, and what that may have missed

void Worker::count(SlotId id, Member& member) {
  if (!member.lifeline) {
    member.lifeline = std::make_unique<Lifeline>();
    member.lifeline->client = address_of(id);
  }
  member.lifeline->backlog.begin();
}

void Worker::say(SlotId id, const Member& member, const signal::Reply& message) {
  Lifeline& lifeline = *member.lifeline;
  const bool counts = member.session.can_resume();
  if (!lifeline.client) {
    if (!counts || lifeline.backlog.add_waiting(message)) return;
    log::info("missed_too_much", {{"user", member.session.name()}, {"peer", member.peer}});
    return post(number_, GiveUp{id});
  }
  if (!counts) return transmit(*lifeline.client, message, {});
  lifeline.backlog.add_sent(message);
  transmit(*lifeline.client, message, lifeline.backlog.sent());
}

void Worker::close_client(SlotId id, const Member& member, std::uint16_t code,
                          std::string_view reason) {
  const auto client = member.lifeline ? member.lifeline->client : address_of(id);
  if (!client) return post(number_, GiveUp{id});
  const auto close_code = static_cast<ws::CloseCode>(code);
  if (client->worker == number_) return loop_.close(client->connection, close_code, reason);
  post(client->worker, CloseClient{.connection = client->connection, .code = close_code});
}

void Worker::set_adrift(SlotId id) {
  if (auto member = members_.take(id)) adrift_.emplace(id, std::move(member));
}

void Worker::forget_session(SlotId id) {
  members_.erase(id);
  const auto entry = adrift_.find(id);
  if (entry == adrift_.end()) return;
  adrift_timers_.erase({entry->second->lifeline->timer_at, id});
  adrift_.erase(entry);
}

void Worker::park(SlotId id, Member& member) {
  log::info("away", {{"user", member.session.name()}, {"peer", member.peer}});
  set_adrift(id);
  member.lifeline->client.reset();
  member.lifeline->away_until = loop_.now() + options_.signal.resume_time;
  watch_deadlines(id, member);
}

void Worker::run_adrift_timers() {
  while (!adrift_timers_.empty() && adrift_timers_.begin()->first <= loop_.now()) {
    const auto [deadline, id] = *adrift_timers_.begin();
    adrift_timers_.erase(adrift_timers_.begin());
    on_deadline(id);
  }
}

void Worker::client_lost(const signal::Address& session, const signal::Address& client,
                         bool for_good) {
  post(session.worker,
       ClientLost{.session = session.connection, .client = client, .for_good = for_good});
}

void Worker::on_letter(ClientLost& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr || !member->lifeline || member->lifeline->client != letter.client) return;
  if (!letter.for_good && member->session.can_resume()) return park(letter.session, *member);
  end_session(letter.session, *member);
}

// As if the time were over; unless the client is back, and has been told all.
void Worker::on_letter(GiveUp& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr || member->lifeline->client) return;
  end_session(letter.session, *member);
}

void Worker::on_letter(NameContested& letter) {
  Member* const member = session_at(letter.owner);
  const bool has_it = member != nullptr && member->session.name() == letter.claim.name;
  if (has_it && (!member->lifeline || member->lifeline->client)) {
    return post(letter.claim.claimant.worker,
                NameClaimed{.name = letter.claim.name,
                            .connection = letter.claim.claimant.connection,
                            .login = letter.claim.login,
                            .granted = false});
  }
  if (has_it) end_session(letter.owner, *member);
  // Behind the release.
  const std::uint32_t home = home_of(letter.claim.name);
  letter.claim.contested = true;
  post(home, std::move(letter.claim));
}

void Worker::on_letter(ResumeSession& letter) {
  Member* const member = session_at(letter.session);
  Resumed answer{.connection = letter.client.connection,
                 .login = letter.login,
                 .throttle_key = throttle_key(
                     signal::ResumeToken{.session = address_of(letter.session), .secret = {}}),
                 .right = member != nullptr && member->lifeline && member->session.can_resume() &&
                          member->session.opens(letter.secret),
                 .granted = false,
                 .session = address_of(letter.session)};
  answer.granted =
      answer.right && (!letter.received || member->lifeline->backlog.rewind(*letter.received));
  post(letter.client.worker, answer);
  if (answer.granted) return move_client(letter.session, *member, letter);
  if (!answer.right) return;
  // What it has missed is gone: no client can go on from here.
  close_client(letter.session, *member, signal::kTakenOver, {});
  end_session(letter.session, *member);
}

void Worker::move_client(SlotId id, Member& member, const ResumeSession& request) {
  member.peer = request.peer;
  loop_.metrics().sessions_resumed.add();
  log::info("resumed", {{"user", member.session.name()},
                        {"peer", member.peer},
                        {"waited", member.lifeline->backlog.kept()}});
  set_adrift(id);
  Lifeline& lifeline = *member.lifeline;
  if (lifeline.client) {
    post(lifeline.client->worker,
         CloseClient{.connection = lifeline.client->connection,
                     .code = static_cast<ws::CloseCode>(signal::kTakenOver),
                     .forget = true});
  }
  lifeline.client = request.client;
  lifeline.away_until = kNever;
  watch_deadlines(id, member);

  signal::Effects welcome;
  member.session.resumed(welcome);
  count_tally(welcome.take_tally());
  for (const signal::Effect& effect : welcome.list()) {
    transmit(request.client, effect.reply, lifeline.backlog.sent());
  }
  while (const auto message = lifeline.backlog.send_next()) {
    transmit(request.client, {*message}, lifeline.backlog.sent());
  }
}

void Worker::on_letter(FromClient& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr || !member->lifeline || member->lifeline->client != letter.client) return;
  if (letter.heard == Heard::kAfter) member->session.welcome_arrived();
  with_session(letter.session, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.receive(as_bytes(letter.message), loop_.now(), effects);
  });
}

void Worker::on_letter(Arrived& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr || !member->lifeline || member->lifeline->client != letter.client) return;
  member->session.welcome_arrived();
  member->lifeline->backlog.arrived(letter.number);
}

// The connection's side

void Worker::start_resume(SlotId id, Member& member, const signal::Effect& effect) {
  const auto refuse = [&] {
    post(number_,
         Resumed{.connection = id, .login = effect.login, .throttle_key = {}, .session = {}});
  };
  // Only a connection that still speaks for itself can go over to another session.
  if (adrift_.contains(id)) return refuse();
  // Its pongs say nothing any more of a session of its own that is over.
  member.line.reset();
  const auto token = signal::ResumeToken::parse(effect.token);
  // There is no such worker: nothing is guessed, and nothing is to be remembered.
  if (token && (token->session.node != 0 || token->session.worker >= node_.mailboxes.size())) {
    return refuse();
  }
  Login login{.connection = id,
              .id = effect.login,
              .name = throttle_key(token),
              .password = {},
              .resume = Resume{.token = token, .received = effect.received}};
  const auto delay = node_.throttle.with([&](signal::Throttle& throttle) {
    return throttle.attempt(member.throttled_as(), login.name, loop_.now());
  });
  if (!delay) return refuse();
  if (*delay == 0) return ask_session(login);
  hold(std::move(login), member, *delay);
}

void Worker::ask_session(const Login& login) {
  const Member* const member = members_.find(login.connection);
  if (member == nullptr) return;
  const auto& token = login.resume->token;
  if (!token) {
    return post(number_, Resumed{.connection = login.connection,
                                 .login = login.id,
                                 .throttle_key = login.name,
                                 .session = {}});
  }
  post(token->session.worker, ResumeSession{.session = token->session.connection,
                                            .secret = token->secret,
                                            .received = login.resume->received,
                                            .client = address_of(login.connection),
                                            .peer = member->peer,
                                            .login = login.id});
}

void Worker::on_letter(Resumed& letter) {
  const SlotId id = letter.connection;
  Member* const member = letter.granted ? members_.find(id) : session_at(id);
  if (member != nullptr && !letter.throttle_key.empty()) {
    node_.throttle.with([&](signal::Throttle& throttle) {
      if (letter.right) return throttle.succeeded(member->throttled_as(), letter.throttle_key);
      // The old tokens of all clients behind one address come together when a server starts anew.
      // No address is slowed down for them, since none can be guessed; what is no token is a try.
      if (letter.throttle_key == throttle_key(std::nullopt)) {
        throttle.failed(member->throttled_as(), loop_.now());
      }
    });
  }
  if (!letter.granted) {
    if (member == nullptr) return;
    if (const std::size_t count = refusals_.happened(loop_.now())) {
      log::info("resume",
                {{"result", log::Word("refused")}, {"peer", member->peer}, {"count", count}});
    }
    return with_session(id, *member, [&](signal::Session& session, signal::Effects& effects) {
      session.resume_refused(letter.login, loop_.now(), effects);
    });
  }
  if (member == nullptr || !member->session.awaits_resume(letter.login)) {
    return client_lost(letter.session, address_of(id), false);
  }
  if (!member->line) member->line = std::make_unique<Line>();
  member->line->session = letter.session;
  member->time_to_log_in.over();
  watch_deadlines(id, *member);
  for (const Buffer& message : member->session.hand_over()) {
    forward(letter.session, address_of(id), message.bytes(), Heard::kBefore);
  }
}

void Worker::forward(const signal::Address& session, const signal::Address& client, Bytes message,
                     Heard heard) {
  post(session.worker, FromClient{.session = session.connection,
                                  .client = client,
                                  .message = std::string(as_text(message)),
                                  .heard = heard});
}

void Worker::transmit(const signal::Address& client, const signal::Reply& message,
                      std::optional<std::uint64_t> number) {
  if (client.worker != number_) {
    ToClient letter{.connection = client.connection, .message = {}, .number = number};
    for (const std::string_view piece : message.pieces()) letter.message += piece;
    return post(client.worker, std::move(letter));
  }
  if (Member* const member = members_.find(client.connection); member && number) {
    if (!member->line) member->line = std::make_unique<Line>();
    member->line->mark.sent(*number);
  }
  send_now(client.connection, message);
}

void Worker::on_letter(ToClient& letter) {
  transmit(address_of(letter.connection), {letter.message}, letter.number);
}

void Worker::on_letter(CloseClient& letter) {
  loop_.close(letter.connection, letter.code, {});
  // What it still says is nobody's.
  if (letter.forget) members_.erase(letter.connection);
}

void Worker::on_pong(SlotId id, Milliseconds round_trip) {
  log::trace("pong", {{"peer", loop_.peer(id)}, {"milliseconds", round_trip}});
  const Member* const member = members_.find(id);
  if (member == nullptr || !member->line) return;
  const auto number = member->line->mark.pong(loop_.now() - round_trip, loop_.now());
  if (!number) return;
  const signal::Address session = member->line->session.value_or(address_of(id));
  post(session.worker,
       Arrived{.session = session.connection, .client = address_of(id), .number = *number});
  if (session.worker == number_) read_own_mail();
}

}  // namespace heliograph::server
