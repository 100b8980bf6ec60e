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
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "signal/address.hpp"
#include "signal/call.hpp"
#include "signal/close_code.hpp"
#include "signal/dialect.hpp"
#include "signal/effects.hpp"
#include "signal/envelope.hpp"
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
  // A whole message, text or binary; kReadableTail bytes behind it are readable.
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
  // The server ends: the client should come back, to another one, after `reconnect_after`.
  void go_away(Milliseconds reconnect_after, Effects& effects);
  // The connection is gone: tells the parties of its calls and releases the name. No verb follows.
  void closed(Effects& effects);

  [[nodiscard]] bool logged_in() const { return !name_.empty(); }
  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  // Empty before the login.
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  enum class LoginState : std::uint8_t { kChecking, kClaiming };
  struct Login;
  struct Waiting;

  void wait(Bytes message, Effects& effects);
  void run_waiting(Milliseconds now, Effects& effects);
  void run(Bytes message, Milliseconds now, Effects& effects);

  void start_login(const Command& command, Effects& effects);
  [[nodiscard]] bool awaits(LoginId login, LoginState state) const;
  void end_login(Event::Kind outcome, Milliseconds now, Effects& effects);
  enum class Leaving : std::uint8_t { kByItself, kConnectionGone };
  void give_up_name(Leaving leaving, Effects& effects);

  void on_offer(const Command& command, Milliseconds now, Effects& effects);
  void on_answer(const Command& command, Effects& effects);
  void on_candidate(const Command& command, Milliseconds now, Effects& effects);
  void on_leave(const Command& command, Effects& effects);
  void on_busy(const Command& command, Effects& effects);

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
  std::unique_ptr<Login> login_;      // while one is being checked
  std::unique_ptr<Waiting> waiting_;  // while messages wait for it
  LoginId last_login_ = 0;
  std::uint32_t last_offer_ = 0;
  std::uint32_t last_call_ = 0;  // of those that had no id
  bool closing_ = false;
};

}  // namespace heliograph::signal
