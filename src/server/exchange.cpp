// The worker's part in the conversation: what sessions ask for, and letters from other workers.

#include <algorithm>
#include <array>
#include <utility>

#include "net/clock.hpp"
#include "server/log.hpp"
#include "server/worker.hpp"
#include "signal/credential.hpp"

namespace heliograph::server {

void Worker::perform(SlotId id, Member& member, const signal::Effect& effect) {
  switch (effect.kind) {
    case signal::Effect::Kind::kReply:
      return reply(id, member, effect.reply);
    case signal::Effect::Kind::kCheckCredential:
      return start_login(id, member, effect);
    case signal::Effect::Kind::kCheckTicket:
      return check_ticket(id, member, effect);
    case signal::Effect::Kind::kCheckCertificate:
      return check_certificate(id, member, effect);
    case signal::Effect::Kind::kClaimName:
      return claim(id, effect);
    case signal::Effect::Kind::kReleaseName:
      return release(id, member, effect.name);
    case signal::Effect::Kind::kSend:
      return send(effect.envelope);
    case signal::Effect::Kind::kResume:
      return start_resume(id, member, effect);
    case signal::Effect::Kind::kCount:
      return count(id, member);
    case signal::Effect::Kind::kWatch:
    case signal::Effect::Kind::kUnwatch:
      return watch_name(id, effect.name, effect.kind == signal::Effect::Kind::kWatch);
    case signal::Effect::Kind::kJoin:
      return enter_room(id, effect.name, effect.user);
    case signal::Effect::Kind::kPart:
      return leave_room(id, effect.name);
    case signal::Effect::Kind::kClose:
      return close_client(id, member, effect.close_code, {});
  }
}

void Worker::reply(SlotId id, Member& member, const signal::Reply& reply) {
  for (const std::string_view text : reply.pieces()) {
    loop_.metrics().message_bytes[Direction::kOut].add(text.size());
  }
  if (member.lifeline) return say(id, member, reply);
  send_now(id, reply);
}

void Worker::send_now(SlotId client, const signal::Reply& message) {
  const std::span<const std::string_view> texts = message.pieces();
  std::array<Bytes, signal::Reply::kMaxPieces> pieces;
  std::ranges::transform(texts, pieces.begin(), as_bytes);
  loop_.send(client, ws::Opcode::kText, std::span(pieces).first(texts.size()));
}

// Logins: held if others failed before, then looked up in the users file or in Redis, and verified
// here or, if that takes long, in the pool.

void Worker::start_login(SlotId id, Member& member, const signal::Effect& effect) {
  const Bytes password = as_bytes(effect.password);
  Login login{.connection = id,
              .id = effect.login,
              .name = std::string(effect.name),
              .password = {password.begin(), password.end()}};
  const auto delay = node_.throttle.with([&](signal::Throttle& throttle) {
    return throttle.attempt(member.throttled_as(), effect.name, loop_.now());
  });
  if (delay != Milliseconds{0}) loop_.metrics().auth_throttled.add();
  if (!delay) return finish_login(login, CredentialChecked::Outcome::kRefused);
  if (*delay == 0) return look_up(std::move(login));
  hold(std::move(login), member, *delay);
}

void Worker::hold(Login login, Member& member, Milliseconds delay) {
  const SlotId id = login.connection;
  const Milliseconds until = loop_.now() + delay;
  member.held = std::make_unique<HeldLogin>(std::move(login), until);
  member.time_to_log_in.held_until(until);
  watch_deadlines(id, member);
}

void Worker::look_up(Login login) {
  if (login.resume) return ask_session(login);
  if (!redis_) {
    const auto stored = settings_->users->find(login.name).value_or(signal::dummy_phc());
    return check(std::move(login), std::string(stored));
  }
  const resp::Token token = ++last_lookup_;
  const std::string key = options_.redis_prefix + login.name;
  const resp::Command question = options_.redis_field.empty()
                                     ? resp::Command::get(key)
                                     : resp::Command::hget(key, options_.redis_field);
  Metrics& metrics = loop_.metrics();
  metrics.redis_commands[options_.redis_field.empty() ? RedisCommand::kGet : RedisCommand::kHget]
      .add();
  if (!redis_->command(question, token, loop_.now())) {
    metrics.redis_errors[RedisError::kNotAsked].add();
    return finish_login(login, CredentialChecked::Outcome::kUnavailable);
  }
  lookups_.emplace(token, Lookup{std::move(login), net::monotonic_nanoseconds()});
}

void Worker::take_redis_events() {
  while (const auto event = redis_->next(loop_.now())) on_redis_event(*event);
  while (auto lookup = redis_->next_lookup()) resolve_redis(std::move(*lookup));
  read_own_mail();
}

void Worker::on_redis_event(const resp::ClientEvent& event) {
  using Kind = resp::ClientEvent::Kind;
  switch (event.kind) {
    case Kind::kUp:
      loop_.metrics().redis_ups.add();
      return log::info("redis_up",
                       {{"server", event.text}, {"protocol", redis_->client().protocol()}});
    case Kind::kDown:
      return log::warn("redis_down", {{"reason", event.text}});
    case Kind::kReply:
    case Kind::kFailed: {
      auto lookup = lookups_.extract(event.token);
      if (lookup.empty()) return on_rehash_event(event);
      auto& [login, asked_at] = lookup.mapped();
      if (event.kind == Kind::kReply) {
        const std::uint64_t now = net::monotonic_nanoseconds();
        loop_.metrics().redis_round_trip.observe_nanoseconds(now - asked_at);
        return on_redis_reply(std::move(login), event.reply);
      }
      count_redis_failure(event.failure);
      return finish_login(login, CredentialChecked::Outcome::kUnavailable);
    }
    // Nobody here subscribes.
    case Kind::kMessage:
    case Kind::kSubscribed:
    case Kind::kRefused:
      return;
  }
}

void Worker::on_redis_reply(Login login, const resp::Reply& reply) {
  if (reply.is_string()) {
    redis_has_hashes_ = redis_has_hashes_ || signal::needs_derivation(reply.text());
    return check(std::move(login), std::string(reply.text()));
  }
  if (reply.is_error()) {
    loop_.metrics().redis_errors[RedisError::kReply].add();
    log::warn("redis_error", {{"text", reply.text()}});
    return finish_login(login, CredentialChecked::Outcome::kUnavailable);
  }
  // There is no such user. Where passwords are hashed, none takes as long as a wrong password.
  if (redis_has_hashes_) return check(std::move(login), std::string(signal::dummy_phc()));
  finish_login(login, CredentialChecked::Outcome::kWrong);
}

void Worker::check(Login login, std::string stored) {
  using enum CredentialChecked::Outcome;
  if (!signal::needs_derivation(stored)) {
    const bool right = signal::verify_password(stored, as_text(login.password));
    if (right) rehash_later(login, stored);
    return finish_login(login, right ? kRight : kWrong);
  }
  CredentialChecked checked{
      .connection = login.connection, .login = login.id, .name = login.name, .outcome = kRefused};
  const bool weak = wants_rehash(stored);
  const bool accepted =
      node_.pool->submit([checked, weak, &node = node_, mailbox = node_.mailboxes[number_].get(),
                          login = std::move(login), stored = std::move(stored)]() mutable {
        const bool right = signal::verify_password(stored, as_text(login.password));
        checked.outcome = right ? kRight : kWrong;
        mailbox->post(std::move(checked));
        if (right && weak && node.pool->at_leisure()) hash_again(login, stored, *mailbox);
      });
  if (!accepted) post(number_, std::move(checked));
}

void Worker::finish_login(const Login& login, CredentialChecked::Outcome outcome) {
  post(number_, CredentialChecked{.connection = login.connection,
                                  .login = login.id,
                                  .name = login.name,
                                  .outcome = outcome});
}

void Worker::resolve_redis(RedisLink::Lookup lookup) {
  const net::PollToken id = lookup.id;
  const bool accepted = node_.resolver->submit(
      [mailbox = node_.mailboxes[number_].get(), lookup = std::move(lookup)] {
        auto found = net::resolve(lookup.host, lookup.port);
        RedisResolved resolved{.lookup = lookup.id, .endpoints = {}, .error = {}};
        if (found) {
          resolved.endpoints = std::move(*found);
        } else {
          resolved.error = std::move(found.error());
        }
        mailbox->post(std::move(resolved));
      });
  if (accepted) return;
  post(number_,
       RedisResolved{.lookup = id, .endpoints = {}, .error = "too many names are being looked up"});
}

// Names and envelopes travel by way of the name's home worker.

signal::Address Worker::address_of(SlotId id) const {
  return {.node = 0, .worker = number_, .connection = id};
}

std::uint32_t Worker::home_of(std::string_view name) const {
  return signal::home_worker(name, static_cast<std::uint32_t>(node_.mailboxes.size()));
}

void Worker::claim(SlotId id, const signal::Effect& effect) {
  post(home_of(effect.name),
       ClaimName{
           .name = std::string(effect.name), .claimant = address_of(id), .login = effect.login});
}

// Whoever has logged out has the time of a new connection to log in again.
void Worker::release(SlotId id, Member& member, std::string_view name) {
  if (!member.session.logged_in()) {
    member.time_to_log_in.begin(loop_.now(), member.login_time);
    watch_deadlines(id, member);
  }
  post(home_of(name), ReleaseName{.name = std::string(name), .owner = address_of(id)});
}

void Worker::send(const signal::Envelope& envelope) {
  const std::uint32_t home = home_of(envelope.to);
  if (home == number_) return route(envelope, nullptr);
  post(home, Parcel{.envelope = signal::OwnedEnvelope(envelope), .connection = std::nullopt});
}

// At the home worker of envelope.to. `owned`, if it is there, is what `envelope` views.
void Worker::route(const signal::Envelope& envelope, signal::OwnedEnvelope* owned) {
  const auto address = directory_.find(envelope.to);
  if (!address) return bounce(envelope);
  if (address->worker == number_) return deliver(address->connection, envelope);
  post(address->worker,
       Parcel{.envelope = owned != nullptr ? std::move(*owned) : signal::OwnedEnvelope(envelope),
              .connection = address->connection});
}

// Nobody has the name.
void Worker::bounce(const signal::Envelope& envelope) {
  loop_.metrics().relayed[RelayPath::kNobody].add();
  post(envelope.from_address.worker, Undelivered{.connection = envelope.from_address.connection,
                                                 .envelope = signal::OwnedEnvelope(envelope)});
}

// At the worker of the connection that has the name.
void Worker::deliver(SlotId id, const signal::Envelope& envelope) {
  // Behind a letter that is still to be read, or it would overtake an earlier envelope.
  const auto active = std::span(active_).first(depth_);
  const bool now = depth_ == 0 || (depth_ < kMaxDepth && own_mail_.empty() &&
                                   std::ranges::find(active, id) == active.end());
  if (!now) {
    return post(number_, Parcel{.envelope = signal::OwnedEnvelope(envelope), .connection = id});
  }
  Member* const member = session_at(id);
  if (member == nullptr || member->session.name() != envelope.to) return bounce(envelope);
  const bool local = envelope.from_address.worker == number_;
  loop_.metrics().relayed[local ? RelayPath::kLocal : RelayPath::kWorker].add();
  with_session(
      id, *member,
      [&](signal::Session& session, signal::Effects& effects) {
        session.deliver(envelope, loop_.now(), effects);
      },
      std::nullopt);
}

// Letters.

void Worker::post(std::uint32_t worker, Letter letter) {
  if (worker != number_) return node_.mailboxes[worker]->post(std::move(letter));
  own_mail_.push_back(std::move(letter));
}

void Worker::read_mail() {
  node_.mailboxes[number_]->take(letters_);
  for (Letter& letter : letters_) {
    std::visit([this](auto& content) { on_letter(content); }, letter);
    read_own_mail();
  }
  letters_.clear();
}

void Worker::read_own_mail() {
  if (reading_own_mail_) return;
  reading_own_mail_ = true;
  while (!own_mail_.empty()) {
    Letter letter = std::move(own_mail_.front());
    own_mail_.pop_front();
    std::visit([this](auto& content) { on_letter(content); }, letter);
  }
  reading_own_mail_ = false;
}

void Worker::on_letter(ClaimName& letter) {
  const auto owner = directory_.find(letter.name);
  if (owner && *owner != letter.claimant && !letter.contested) {
    return post(owner->worker, NameContested{.claim = letter, .owner = owner->connection});
  }
  const bool granted = directory_.claim(letter.name, letter.claimant);
  post(letter.claimant.worker, NameClaimed{.name = letter.name,
                                           .connection = letter.claimant.connection,
                                           .login = letter.login,
                                           .granted = granted});
  if (granted && !owner) announce(letter.name, true);
}

void Worker::on_letter(NameClaimed& letter) {
  const auto claimant = [&] { return session_at(letter.connection); };
  if (claimant() == nullptr) {
    // A claim that was contested may be granted behind the release that followed it.
    if (!letter.granted) return;
    const std::uint32_t home = home_of(letter.name);
    return post(
        home, ReleaseName{.name = std::move(letter.name), .owner = address_of(letter.connection)});
  }
  with_session(letter.connection, *claimant(),
               [&](signal::Session& session, signal::Effects& effects) {
                 session.name_claimed(letter.login, letter.granted, loop_.now(), effects);
               });
  Member* const member = claimant();
  if (member == nullptr) return;
  if (letter.granted) member->logged_in_at = net::wall_clock_now();
  loop_.metrics().logins[letter.granted ? LoginResult::kOk : LoginResult::kInUse].add();
  log::info("login", {{"result", log::Word(letter.granted ? "ok" : "in_use")},
                      {"user", member->session.name()},
                      {"peer", member->peer}});
}

void Worker::on_letter(ReleaseName& letter) {
  if (directory_.release(letter.name, letter.owner)) announce(letter.name, false);
}

void Worker::on_letter(Parcel& letter) {
  const signal::Envelope envelope = letter.envelope.view();
  if (letter.connection) return deliver(*letter.connection, envelope);
  route(envelope, &letter.envelope);
}

void Worker::on_letter(Undelivered& letter) {
  Member* const member = session_at(letter.connection);
  if (member == nullptr) return;
  with_session(
      letter.connection, *member,
      [&](signal::Session& session, signal::Effects& effects) {
        session.undelivered(letter.envelope.view(), effects);
      },
      CallEnd::kUnavailable);
}

void Worker::on_letter(CredentialChecked& letter) {
  using enum CredentialChecked::Outcome;
  Member* const member = session_at(letter.connection);
  if (member == nullptr) return;
  node_.throttle.with([&](signal::Throttle& throttle) {
    if (letter.outcome == kRight) throttle.succeeded(member->throttled_as(), letter.name);
    if (letter.outcome == kWrong) throttle.failed(member->throttled_as(), loop_.now());
    if (letter.outcome == kUnavailable) throttle.forgive(member->throttled_as(), letter.name);
  });
  // The throttle bounds those that are wrong.
  const bool cost_nothing = letter.outcome == kRefused || letter.outcome == kUnavailable;
  const std::size_t count = cost_nothing ? refusals_.happened(loop_.now()) : 1;
  if (letter.outcome != kRight && count > 0) {
    constexpr std::array<std::string_view, 4> kResults = {"right", "wrong", "refused",
                                                          "unavailable"};
    log::info("login", {{"result", log::Word(kResults[static_cast<std::size_t>(letter.outcome)])},
                        {"peer", member->peer},
                        {"count", count}});
  }
  count_checked(letter, *member);
  with_session(letter.connection, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.credential_checked(letter.login, letter.outcome == kRight, loop_.now(), effects);
  });
}

void Worker::on_letter(RedisResolved& letter) {
  redis_->resolved(letter.lookup, std::move(letter.endpoints), letter.error);
  take_redis_events();
}

void Worker::on_letter(Drain& letter) {
  begin_drain(letter.over);
}

void Worker::on_letter(Stop& letter) {
  static_cast<void>(letter);
  stopped_ = true;
}

}  // namespace heliograph::server
