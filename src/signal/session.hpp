// One user's side of signaling: login, then calls. One object per connection.
//
//            receive(login)          credential_checked(yes)          name_claimed(yes)
//   START ──────────────────▶ CHECKING ─────────────────▶ CLAIMING ─────────────────▶ logged in
//     ▲                          │ no                        │ no                         │
//     └──────────────────────────┴───────────────────────────┘             receive(login) again:
//                                                                          as above; "no" changes
//                                                                          nothing
//
// Messages that arrive while a login is being checked wait for it, in order. Verbs append to the
// effects; the caller performs them after each verb (effects.hpp) and calls no verb of the same
// session while it does. Nothing here waits for a time, so there is no deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "signal/address.hpp"
#include "signal/call.hpp"
#include "signal/close_code.hpp"
#include "signal/dialect.hpp"
#include "signal/effects.hpp"
#include "signal/envelope.hpp"
#include "signal/limited_names.hpp"
#include "signal/resume_token.hpp"
#include "signal/settings.hpp"

namespace heliograph::signal {

class Session {
 public:
  // `settings` and `dialect` outlive the session.
  Session(const Address& self, const Settings& settings, Dialect& dialect);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // The connection is ready: says the greeting.
  void opened(Effects& effects);
  // A whole message, text or binary.
  void receive(Bytes message, Milliseconds now, Effects& effects);
  // The answers to kCheckCredential and kClaimName. Answers to other questions are ignored.
  void credential_checked(LoginId login, bool right, Milliseconds now, Effects& effects);
  // The answer to kCheckTicket and kCheckCertificate: who the client is, if it has proved that.
  void identified(LoginId login, std::optional<std::string_view> name, Milliseconds now,
                  Effects& effects);
  void name_claimed(LoginId login, bool granted, Milliseconds now, Effects& effects);
  // An envelope for this session's name.
  void deliver(const Envelope& envelope, Milliseconds now, Effects& effects);
  // Nobody has the name to which this session's `envelope` went.
  void undelivered(const Envelope& envelope, Effects& effects);
  // News of what this session watches (kPresence), and of its rooms (kRoom, kJoined, kLeft, or
  // kError: the room is full). News of anything else is ignored.
  void notice(const Event& news, Effects& effects);
  // The server ends: the client should come back, to another one, after `reconnect_after`.
  void go_away(Milliseconds reconnect_after, Effects& effects);
  // The connection is gone for good: tells the parties of its calls and releases the name. No verb
  // follows.
  void closed(Effects& effects);

  // Resume, on the side of the new connection: no session answers to the token; or one does, and is
  // what the client talks to from now on. Then these are the messages that waited, and no verb but
  // closed() follows.
  void resume_refused(LoginId login, Milliseconds now, Effects& effects);
  [[nodiscard]] bool awaits_resume(LoginId login) const {
    return awaits(login, LoginState::kResuming);
  }
  std::deque<Buffer> hand_over();
  // On the side of the session: whether it may outlive its connection, whether the secret is that
  // of its newest welcome (or of the one before, until welcome_arrived()), and the welcome of the
  // client on its new connection.
  [[nodiscard]] bool can_resume() const;
  [[nodiscard]] bool opens(const ResumeSecret& secret) const {
    return resumption_ && resumption_->lock.open(secret);
  }
  void resumed(Effects& effects);
  void welcome_arrived() {
    if (resumption_) resumption_->lock.confirm();
  }

  [[nodiscard]] bool logged_in() const { return !name_.empty(); }
  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  // Empty before the login.
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::size_t calls() const { return calls_.size(); }

 private:
  enum class LoginState : std::uint8_t { kChecking, kClaiming, kResuming };
  struct Login;
  struct Waiting;
  struct Resumption {
    ResumeLock lock;
    std::uint64_t received = 0;  // messages taken from the client since it logged in
  };
  // What a session takes part in beyond its calls.
  struct Interests {
    LimitedNames watched{kMaxWatchedNames};
    LimitedNames rooms{kMaxRoomsOfSession};
  };

  void wait(Bytes message, Effects& effects);
  void run_waiting(Milliseconds now, Effects& effects);
  void run(Bytes message, Milliseconds now, Effects& effects);

  void start_login(const Command& command, Effects& effects);
  [[nodiscard]] bool awaits(LoginId login, LoginState state) const;
  void end_login(Event::Kind outcome, Milliseconds now, Effects& effects);
  enum class Leaving : std::uint8_t { kByItself, kConnectionGone };
  void give_up_name(Leaving leaving, Effects& effects);
  void welcome(bool resumed, Effects& effects);
  void start_resume(const Command& command, Effects& effects);

  void on_offer(const Command& command, Milliseconds now, Effects& effects);
  void on_answer(const Command& command, Effects& effects);
  void on_candidate(const Command& command, Milliseconds now, Effects& effects);
  void on_leave(const Command& command, Effects& effects);
  void on_busy(const Command& command, Effects& effects);

  Interests& interests();
  void on_subscribe(const Command& command, Effects& effects);
  void on_unsubscribe(const Command& command, Effects& effects);
  void on_join(const Command& command, Effects& effects);
  void on_part(const Command& command, Effects& effects);
  void give_up_interests(Effects& effects);

  [[nodiscard]] bool has_call_ids() const { return dialect_.traits().has_call_ids; }
  [[nodiscard]] bool allows(Verdict verdict) const;
  // As above, and the client hears why if not.
  bool may_send(Verdict verdict, const Command& command, Effects& effects);
  void take_offer(const Envelope& envelope, Milliseconds now, Effects& effects);
  std::string_view call_of(const Envelope& envelope, Effects& effects);
  void send(Envelope::Kind kind, const Command& command, Effects& effects);
  void echo(Event::Kind kind, const Command& command, Effects& effects);
  void tell(Event::Kind kind, Effects& effects);
  void refuse(const Command& command, Error error, Effects& effects);

  Address self_;
  const Settings& settings_;
  Dialect& dialect_;
  std::string name_;
  CallList calls_;
  std::unique_ptr<Login> login_;            // while one is being checked
  std::unique_ptr<Waiting> waiting_;        // while messages wait for it
  std::unique_ptr<Interests> interests_;    // once there are any
  std::unique_ptr<Resumption> resumption_;  // from the first login that can be resumed on
  LoginId last_login_ = 0;
  std::uint32_t last_offer_ = 0;
  std::uint32_t last_call_ = 0;  // of those that had no id
  bool closing_ = false;
};

}  // namespace heliograph::signal
