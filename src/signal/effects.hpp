// What a session wants done, in order. Its verbs append here; the caller performs the effects after
// the verb has returned, then calls clear(). One object per worker serves all its sessions, so a
// session that waits owns no queue.
//
// Views in the effects point into the message that the verb was given, into the session, or into
// texts kept here. They are valid until clear(), the next verb on the same session, or the end of
// the message, whichever comes first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "signal/envelope.hpp"
#include "signal/tally.hpp"

namespace heliograph::signal {

// Numbers the logins of one session, so that a late answer is recognised. Never 0.
using LoginId = std::uint64_t;

// One text frame for the client, as pieces to be sent one behind the other.
struct Reply {
  static constexpr std::size_t kMaxPieces = 9;

  Reply() = default;
  Reply(std::initializer_list<std::string_view> parts);

  [[nodiscard]] std::span<const std::string_view> pieces() const {
    return std::span(storage).first(count);
  }

  std::array<std::string_view, kMaxPieces> storage;
  std::size_t count = 0;
};

struct Effect {
  enum class Kind : std::uint8_t {
    kReply,             // send `reply` to the client
    kCheckCredential,   // is `password` right for `name`? Answer: credential_checked(login, …)
    kCheckTicket,       // whose is the ticket `password`? Answer: identified(login, …)
    kCheckCertificate,  // whom does the client's certificate name: `name`, or the only one if that
                        // is empty? Answer: identified(login, …)
    kClaimName,         // ask the home worker of `name` for it. Answer: name_claimed(login, …)
    kReleaseName,       // tell the home worker that `name` is free again
    kSend,              // bring `envelope` to the session that has the name `envelope.to`
    kResume,            // ask the session that `token` speaks of for this client, which received
                        // `received` of its messages. Answer: resume_refused(login, …), or
                        // hand_over()
    kCount,             // messages to the client are counted from here on, for a resume
    kWatch,             // tell whether `name` is online, and every change of that: notice()
    kUnwatch,           // no longer
    kJoin,              // enter the room `name` as `user`, and hear of it: notice()
    kPart,              // leave it
    kClose,             // close the WebSocket with `close_code`, then call closed()
  };

  Kind kind = Kind::kReply;
  std::uint16_t close_code = 0;
  LoginId login = 0;
  std::string_view name;
  std::string_view password;
  std::string_view token;
  std::string_view user;
  std::optional<std::uint64_t> received;
  Reply reply;
  Envelope envelope;
};

class Effects {
 public:
  [[nodiscard]] std::span<const Effect> list() const { return list_; }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  void clear();

  void reply(const Reply& reply);
  void check_credential(LoginId login, std::string_view name, std::string_view password);
  void check_ticket(LoginId login, std::string_view ticket);
  void check_certificate(LoginId login, std::string_view name);
  void claim_name(LoginId login, std::string_view name);
  void release_name(std::string_view name);
  void resume(LoginId login, std::string_view token, std::optional<std::uint64_t> received);
  void count();
  void watch(std::string_view name) { about(Effect::Kind::kWatch, name); }
  void unwatch(std::string_view name) { about(Effect::Kind::kUnwatch, name); }
  void join(std::string_view room, std::string_view user) {
    about(Effect::Kind::kJoin, room);
    list_.back().user = user;
  }
  void part(std::string_view room) { about(Effect::Kind::kPart, room); }
  void send(const Envelope& envelope);
  void close(std::uint16_t code);

  // A copy of a text for as long; what a message needs fits into memory that is there already.
  std::string_view copy(std::string_view text);
  // Keeps a text, or a message, until clear(); the view of it stays valid.
  std::string_view keep(std::string text);
  Bytes keep(Buffer message);
  std::span<const std::string_view> keep(std::vector<std::string_view> names);

  // Not part of what clear() empties.
  void received(Command::Kind kind) { ++tally_.received[static_cast<std::size_t>(kind)]; }
  void sent(Event::Kind kind) { ++tally_.sent[static_cast<std::size_t>(kind)]; }
  void crossed() { ++tally_.glares; }
  Tally take_tally() { return std::exchange(tally_, {}); }

 private:
  void about(Effect::Kind kind, std::string_view name);

  // A name and the id of a call, for each of some messages.
  static constexpr std::size_t kCopiesSize = 1024;

  std::vector<Effect> list_;
  std::array<char, kCopiesSize> copies_{};
  std::size_t copied_ = 0;
  std::deque<std::string> texts_;
  std::vector<Buffer> messages_;
  std::deque<std::vector<std::string_view>> lists_;
  Tally tally_;
};

}  // namespace heliograph::signal
