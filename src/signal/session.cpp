#include "signal/session.hpp"

#include <optional>
#include <utility>

#include "base/buffer.hpp"
#include "signal/json_string.hpp"
#include "signal/name.hpp"

namespace heliograph::signal {

struct Session::Login {
  LoginId id = 0;
  LoginState state = LoginState::kChecking;
  std::string name;
};

// Messages that wait for a login, each in a buffer of its own.
struct Session::Waiting {
  std::deque<Buffer> messages;
  std::size_t bytes = 0;
};

Session::Session(const Address& self, const Settings& settings, Dialect& dialect)
    : self_(self), settings_(settings), dialect_(dialect) {}
Session::~Session() = default;

void Session::opened(Effects& effects) {
  if (settings_.greeting && dialect_.traits().greets) tell(Event::Kind::kGreeting, effects);
}

void Session::receive(Bytes message, Milliseconds now, Effects& effects) {
  if (closing_) return;
  if (login_) return wait(message, effects);
  run(message, now, effects);
}

void Session::wait(Bytes message, Effects& effects) {
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  if (waiting_->messages.size() >= settings_.max_waiting_messages ||
      message.size() > settings_.max_waiting_bytes - waiting_->bytes) {
    closing_ = true;
    return effects.close(kPolicyViolation);
  }
  waiting_->messages.emplace_back().append(message);
  waiting_->bytes += message.size();
}

// What has waited goes on, up to the next login.
void Session::run_waiting(Milliseconds now, Effects& effects) {
  while (!login_ && waiting_) {
    Buffer message = std::move(waiting_->messages.front());
    waiting_->messages.pop_front();
    waiting_->bytes -= message.size();
    if (waiting_->messages.empty()) waiting_.reset();
    run(effects.keep(std::move(message)), now, effects);
  }
}

void Session::run(Bytes message, Milliseconds now, Effects& effects) {
  const Command command = dialect_.read(message, effects);
  effects.received(command.kind);
  if (resumption_ && command.counts) ++resumption_->received;
  if (command.kind == Command::Kind::kLogin) return start_login(command, effects);
  if (command.kind == Command::Kind::kResume) return start_resume(command, effects);
  if (command.kind == Command::Kind::kMalformed) return refuse(command, command.error, effects);
  if (command.kind == Command::Kind::kPing) return tell(Event::Kind::kPong, effects);
  if (!logged_in()) return tell(Event::Kind::kNotAuthenticated, effects);
  switch (command.kind) {
    case Command::Kind::kLogin:
      return;
    case Command::Kind::kOffer:
      return on_offer(command, now, effects);
    case Command::Kind::kAnswer:
      return on_answer(command, effects);
    case Command::Kind::kCandidate:
      return on_candidate(command, now, effects);
    case Command::Kind::kLeave:
      return on_leave(command, effects);
    case Command::Kind::kBusy:
      return on_busy(command, effects);
    case Command::Kind::kLogout:
      return give_up_name(Leaving::kByItself, effects);
    case Command::Kind::kIce:
      return dialect_.write({.kind = Event::Kind::kIce, .name = name_}, effects);
    case Command::Kind::kUnknown:
      return dialect_.write({.kind = Event::Kind::kUnknownCommand, .type = command.type}, effects);
    case Command::Kind::kSubscribe:
      return on_subscribe(command, effects);
    case Command::Kind::kUnsubscribe:
      return on_unsubscribe(command, effects);
    case Command::Kind::kJoin:
      return on_join(command, effects);
    case Command::Kind::kPart:
      return on_part(command, effects);
    default:
      return;
  }
}

// Login

void Session::start_login(const Command& command, Effects& effects) {
  if (command.proof != Command::Proof::kPassword) {
    login_ = std::make_unique<Login>();
    login_->id = ++last_login_;
    return command.proof == Command::Proof::kTicket
               ? effects.check_ticket(login_->id, command.token)
               : effects.check_certificate(login_->id, command.name.value_or(""));
  }
  if (!command.name || !may_log_in(*command.name, settings_) || !command.password ||
      has_lone_surrogate(*command.password)) {
    return tell(Event::Kind::kLoginRefused, effects);
  }
  login_ = std::make_unique<Login>();
  login_->id = ++last_login_;
  login_->name = *command.name;
  effects.check_credential(login_->id, login_->name, *command.password);
}

void Session::credential_checked(LoginId login, bool right, Milliseconds now, Effects& effects) {
  if (!awaits(login, LoginState::kChecking)) return;
  if (!right) return end_login(Event::Kind::kLoginRefused, now, effects);
  // Whoever logs in again under the name that it has goes on as before.
  if (login_->name == name_) return end_login(Event::Kind::kLoggedIn, now, effects);
  login_->state = LoginState::kClaiming;
  effects.claim_name(login, login_->name);
}

void Session::identified(LoginId login, std::optional<std::string_view> name, Milliseconds now,
                         Effects& effects) {
  if (!awaits(login, LoginState::kChecking)) return;
  const bool right = name && may_log_in(*name, settings_);
  if (right) login_->name = *name;
  credential_checked(login, right, now, effects);
}

void Session::name_claimed(LoginId login, bool granted, Milliseconds now, Effects& effects) {
  if (!awaits(login, LoginState::kClaiming)) return;
  if (!granted) return end_login(Event::Kind::kLoginRefused, now, effects);
  give_up_name(Leaving::kByItself, effects);
  name_ = std::move(login_->name);
  end_login(Event::Kind::kLoggedIn, now, effects);
}

bool Session::awaits(LoginId login, LoginState state) const {
  return !closing_ && login_ && login_->id == login && login_->state == state;
}

void Session::end_login(Event::Kind outcome, Milliseconds now, Effects& effects) {
  login_.reset();
  if (outcome == Event::Kind::kLoggedIn) {
    welcome(false, effects);
  } else {
    dialect_.write({.kind = outcome, .name = name_}, effects);
  }
  run_waiting(now, effects);
}

// The parties hear of it before the name is free, so that they cannot take the next one who has
// the name for this one.
void Session::give_up_name(Leaving leaving, Effects& effects) {
  if (!logged_in()) return;
  give_up_interests(effects);
  const std::string_view name = effects.keep(std::exchange(name_, {}));
  for (std::string& peer : calls_.take_peers()) {
    effects.send({.kind = Envelope::Kind::kLeave,
                  .offer_number = 0,
                  .from = name,
                  .to = effects.keep(std::move(peer)),
                  .body = std::nullopt,
                  .from_address = self_,
                  .gone = leaving == Leaving::kConnectionGone});
  }
  effects.release_name(name);
}

void Session::closed(Effects& effects) {
  closing_ = true;
  give_up_name(Leaving::kConnectionGone, effects);
  // A claim on its way may yet be granted, to nobody: the release follows it on the same way.
  if (login_ && login_->state == LoginState::kClaiming) {
    effects.release_name(effects.keep(std::move(login_->name)));
  }
  login_.reset();
  waiting_.reset();
}

// Resume

bool Session::can_resume() const {
  return logged_in() && !closing_ && dialect_.traits().can_resume && settings_.resume_time > 0;
}

// Whoever was not there before has a session that begins here, and with it what is counted.
void Session::welcome(bool resumed, Effects& effects) {
  Event event{.kind = Event::Kind::kLoggedIn, .name = name_, .resumed = resumed};
  const bool can = can_resume();
  if (can) {
    if (!resumed) resumption_ = std::make_unique<Resumption>();
    event.token = effects.keep(resumption_->lock.renew(self_).text());
    event.resume_time = settings_.resume_time;
    event.received = resumption_->received;
  }
  dialect_.write(event, effects);
  if (can && !resumed) effects.count();
}

// What waits for a login was not taken: the client, which learns that, says it again.
void Session::resumed(Effects& effects) {
  waiting_.reset();
  welcome(true, effects);
}

// Only what has no session yet can take one over.
void Session::start_resume(const Command& command, Effects& effects) {
  if (logged_in() || settings_.resume_time == 0) {
    return refuse(command, Error::kResumeFailed, effects);
  }
  login_ = std::make_unique<Login>();
  login_->id = ++last_login_;
  login_->state = LoginState::kResuming;
  effects.resume(login_->id, command.token, command.received);
}

void Session::resume_refused(LoginId login, Milliseconds now, Effects& effects) {
  if (!awaits_resume(login)) return;
  login_.reset();
  refuse({}, Error::kResumeFailed, effects);
  run_waiting(now, effects);
}

std::deque<Buffer> Session::hand_over() {
  login_.reset();
  const std::unique_ptr<Waiting> waiting = std::move(waiting_);
  return waiting ? std::move(waiting->messages) : std::deque<Buffer>();
}

// From the client to the other party

void Session::on_offer(const Command& command, Milliseconds now, Effects& effects) {
  const bool is_self = command.name == name_;
  if (!command.name || !is_name(*command.name) || (is_self && has_call_ids())) {
    return has_call_ids() ? refuse(command, Error::kBadName, effects) : void();
  }
  if (is_self) return echo(Event::Kind::kOffer, command, effects);
  const std::uint32_t number = last_offer_ + 1;
  const Verdict verdict =
      calls_.offer_out(*command.name, number, now, settings_, command.call, name_);
  if (verdict == Verdict::kDrop) effects.crossed();
  if (verdict == Verdict::kNoCall && has_call_ids()) {
    return refuse(command, Error::kTooManyCalls, effects);
  }
  if (!allows(verdict)) return;
  last_offer_ = number;
  send(Envelope::Kind::kOffer, command, effects);
}

void Session::on_answer(const Command& command, Effects& effects) {
  if (!command.name) return;
  if (!may_send(calls_.answer_out(*command.name, command.call), command, effects)) return;
  if (*command.name == name_) return echo(Event::Kind::kAnswer, command, effects);
  send(Envelope::Kind::kAnswer, command, effects);
}

void Session::on_candidate(const Command& command, Milliseconds now, Effects& effects) {
  if (!command.name) return;
  if (!may_send(calls_.candidate_out(*command.name, now, command.call), command, effects)) return;
  if (*command.name == name_) return echo(Event::Kind::kCandidate, command, effects);
  send(Envelope::Kind::kCandidate, command, effects);
}

void Session::on_leave(const Command& command, Effects& effects) {
  if (!command.name) return calls_.clear();
  if (!may_send(calls_.leave_out(*command.name, command.call), command, effects)) return;
  if (*command.name == name_) return echo(Event::Kind::kLeave, command, effects);
  send(Envelope::Kind::kLeave, command, effects);
}

void Session::on_busy(const Command& command, Effects& effects) {
  if (!may_send(calls_.leave_out(*command.name, command.call), command, effects)) return;
  send(Envelope::Kind::kBusy, command, effects);
}

// Only the tutorial's clients can be let in where there is no call: others say which one they mean.
bool Session::allows(Verdict verdict) const {
  return verdict == Verdict::kPass ||
         (verdict == Verdict::kNoCall && settings_.open_relay && !has_call_ids());
}

bool Session::may_send(Verdict verdict, const Command& command, Effects& effects) {
  if (verdict == Verdict::kNoCall && has_call_ids()) refuse(command, Error::kNoCall, effects);
  return allows(verdict);
}

void Session::send(Envelope::Kind kind, const Command& command, Effects& effects) {
  std::string_view call = command.call;
  if (call.empty()) {
    // A copy: the call may be over before the effect is performed.
    const std::string_view id = calls_.id(*command.name);
    if (!id.empty()) call = effects.copy(id);
  }
  effects.send({.kind = kind,
                .offer_number = kind == Envelope::Kind::kOffer ? last_offer_ : 0,
                // A copy: what waited for the login may send and log out in one verb.
                .from = effects.copy(name_),
                .to = *command.name,
                .body = command.body,
                .from_address = self_,
                .call = call});
}

// A message to oneself comes back at once.
void Session::echo(Event::Kind kind, const Command& command, Effects& effects) {
  dialect_.write({.kind = kind, .name = name_, .body = command.body}, effects);
}

// From the other party to the client

void Session::deliver(const Envelope& envelope, Milliseconds now, Effects& effects) {
  if (closing_ || envelope.to != name_) return;
  const std::string_view from = envelope.from;
  const std::string_view call = call_of(envelope, effects);
  const auto write = [&](Event::Kind kind, Verdict verdict) {
    if (!allows(verdict)) return;
    dialect_.write(
        {.kind = kind, .name = from, .body = envelope.body, .call = call, .gone = envelope.gone},
        effects);
  };
  switch (envelope.kind) {
    case Envelope::Kind::kOffer:
      return take_offer(envelope, now, effects);
    case Envelope::Kind::kAnswer:
      return write(Event::Kind::kAnswer, calls_.answer_in(from, envelope.call));
    case Envelope::Kind::kCandidate:
      return write(Event::Kind::kCandidate, calls_.candidate_in(from, now, envelope.call));
    case Envelope::Kind::kLeave:
      return write(Event::Kind::kLeave, calls_.leave_in(from, envelope.call));
    case Envelope::Kind::kBusy:
      return write(Event::Kind::kBusy, calls_.leave_in(from, envelope.call));
  }
}

// Who calls by an id hears it if there is no place for the call.
void Session::take_offer(const Envelope& envelope, Milliseconds now, Effects& effects) {
  const std::string_view from = envelope.from;
  const Verdict verdict = calls_.offer_in(from, name_, now, settings_, envelope.call);
  if (verdict == Verdict::kDrop) effects.crossed();
  if (verdict == Verdict::kNoCall && !envelope.call.empty()) {
    return effects.send({.kind = Envelope::Kind::kBusy,
                         .offer_number = 0,
                         .from = name_,
                         .to = from,
                         .body = std::nullopt,
                         .from_address = self_,
                         .call = envelope.call});
  }
  if (!allows(verdict)) return;
  if (has_call_ids() && calls_.id(from).empty()) {
    calls_.set_id(from, "t" + std::to_string(++last_call_));
  }
  dialect_.write({.kind = Event::Kind::kOffer,
                  .name = from,
                  .body = envelope.body,
                  .call = call_of(envelope, effects),
                  .polite = from < name_},
                 effects);
}

// The id by which the client knows the call.
std::string_view Session::call_of(const Envelope& envelope, Effects& effects) {
  if (!has_call_ids() || !envelope.call.empty()) return envelope.call;
  return effects.copy(calls_.id(envelope.from));
}

void Session::undelivered(const Envelope& envelope, Effects& effects) {
  using Kind = Envelope::Kind;
  if (closing_ || envelope.from != name_) return;
  bool ended = false;
  if (envelope.kind == Kind::kOffer) {
    ended = calls_.bounced(envelope.to, envelope.offer_number);
  } else if (has_call_ids() &&
             (envelope.kind == Kind::kAnswer || envelope.kind == Kind::kCandidate)) {
    ended = calls_.leave_in(envelope.to, envelope.call) == Verdict::kPass;
  }
  if (!ended) return;
  dialect_.write({.kind = Event::Kind::kUnavailable, .name = envelope.to, .call = envelope.call},
                 effects);
}

void Session::go_away(Milliseconds reconnect_after, Effects& effects) {
  dialect_.write({.kind = Event::Kind::kGoAway, .reconnect_after = reconnect_after}, effects);
}

void Session::tell(Event::Kind kind, Effects& effects) {
  dialect_.write({.kind = kind}, effects);
}

void Session::refuse(const Command& command, Error error, Effects& effects) {
  dialect_.write({.kind = Event::Kind::kError, .call = command.call, .error = error}, effects);
}

}  // namespace heliograph::signal
