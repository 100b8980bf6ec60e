#include "signal/session.hpp"

#include <deque>
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
  if (settings_.greeting) tell(Event::Kind::kGreeting, effects);
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
  if (command.kind == Command::Kind::kLogin) return start_login(command, effects);
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
    case Command::Kind::kUnknown:
      return dialect_.write(
          {.kind = Event::Kind::kUnknownCommand, .name = {}, .body = {}, .type = command.type},
          effects);
  }
}

// Login

void Session::start_login(const Command& command, Effects& effects) {
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

void Session::name_claimed(LoginId login, bool granted, Milliseconds now, Effects& effects) {
  if (!awaits(login, LoginState::kClaiming)) return;
  if (!granted) return end_login(Event::Kind::kLoginRefused, now, effects);
  give_up_name(effects);
  name_ = std::move(login_->name);
  end_login(Event::Kind::kLoggedIn, now, effects);
}

bool Session::awaits(LoginId login, LoginState state) const {
  return !closing_ && login_ && login_->id == login && login_->state == state;
}

void Session::end_login(Event::Kind outcome, Milliseconds now, Effects& effects) {
  login_.reset();
  tell(outcome, effects);
  run_waiting(now, effects);
}

// The parties hear of it before the name is free, so that they cannot take the next one who has
// the name for this one.
void Session::give_up_name(Effects& effects) {
  if (!logged_in()) return;
  const std::string_view name = effects.keep(std::exchange(name_, {}));
  for (std::string& peer : calls_.take_peers()) {
    effects.send({.kind = Envelope::Kind::kLeave,
                  .offer_number = 0,
                  .from = name,
                  .to = effects.keep(std::move(peer)),
                  .body = std::nullopt,
                  .from_address = self_});
  }
  effects.release_name(name);
}

void Session::closed(Effects& effects) {
  closing_ = true;
  give_up_name(effects);
  // A claim on its way may yet be granted, to nobody: the release follows it on the same way.
  if (login_ && login_->state == LoginState::kClaiming) {
    effects.release_name(effects.keep(std::move(login_->name)));
  }
  login_.reset();
  waiting_.reset();
}

// From the client to the other party

void Session::on_offer(const Command& command, Milliseconds now, Effects& effects) {
  if (!command.name || !is_name(*command.name)) return;
  if (*command.name == name_) return echo(Event::Kind::kOffer, command, effects);
  const std::uint32_t number = last_offer_ + 1;
  const Verdict verdict = calls_.offer_out(*command.name, number, now, settings_);
  if (verdict == Verdict::kDrop) effects.crossed();
  if (!allows(verdict)) return;
  last_offer_ = number;
  send(Envelope::Kind::kOffer, command, effects);
}

void Session::on_answer(const Command& command, Effects& effects) {
  if (!command.name || !allows(calls_.answer_out(*command.name))) return;
  if (*command.name == name_) return echo(Event::Kind::kAnswer, command, effects);
  send(Envelope::Kind::kAnswer, command, effects);
}

void Session::on_candidate(const Command& command, Milliseconds now, Effects& effects) {
  if (!command.name || !allows(calls_.candidate_out(*command.name, now))) return;
  if (*command.name == name_) return echo(Event::Kind::kCandidate, command, effects);
  send(Envelope::Kind::kCandidate, command, effects);
}

void Session::on_leave(const Command& command, Effects& effects) {
  if (!command.name) return calls_.clear();
  if (!allows(calls_.leave_out(*command.name))) return;
  if (*command.name == name_) return echo(Event::Kind::kLeave, command, effects);
  send(Envelope::Kind::kLeave, command, effects);
}

bool Session::allows(Verdict verdict) const {
  return verdict == Verdict::kPass || (verdict == Verdict::kNoCall && settings_.open_relay);
}

void Session::send(Envelope::Kind kind, const Command& command, Effects& effects) {
  effects.send({.kind = kind,
                .offer_number = kind == Envelope::Kind::kOffer ? last_offer_ : 0,
                .from = name_,
                .to = *command.name,
                .body = command.body,
                .from_address = self_});
}

// A message to oneself comes back at once.
void Session::echo(Event::Kind kind, const Command& command, Effects& effects) {
  dialect_.write({.kind = kind, .name = name_, .body = command.body, .type = {}}, effects);
}

// From the other party to the client

void Session::deliver(const Envelope& envelope, Milliseconds now, Effects& effects) {
  if (closing_ || envelope.to != name_) return;
  const auto write = [&](Event::Kind kind, Verdict verdict) {
    if (kind == Event::Kind::kOffer && verdict == Verdict::kDrop) effects.crossed();
    if (!allows(verdict)) return;
    dialect_.write({.kind = kind, .name = envelope.from, .body = envelope.body, .type = {}},
                   effects);
  };
  switch (envelope.kind) {
    case Envelope::Kind::kOffer:
      return write(Event::Kind::kOffer, calls_.offer_in(envelope.from, name_, now, settings_));
    case Envelope::Kind::kAnswer:
      return write(Event::Kind::kAnswer, calls_.answer_in(envelope.from));
    case Envelope::Kind::kCandidate:
      return write(Event::Kind::kCandidate, calls_.candidate_in(envelope.from, now));
    case Envelope::Kind::kLeave:
      return write(Event::Kind::kLeave, calls_.leave_in(envelope.from));
  }
}

void Session::undelivered(const Envelope& envelope) {
  if (envelope.kind == Envelope::Kind::kOffer && envelope.from == name_) {
    calls_.bounced(envelope.to, envelope.offer_number);
  }
}

void Session::tell(Event::Kind kind, Effects& effects) {
  dialect_.write({.kind = kind, .name = {}, .body = {}, .type = {}}, effects);
}

}  // namespace heliograph::signal
