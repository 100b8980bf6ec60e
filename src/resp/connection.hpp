// One client connection to a Redis server, as a machine without I/O: handshake, pipelined commands,
// deadlines, and when to connect again. The caller owns the socket:
//
//   at deadline():  switch (on_timer(now, output)) {
//                     kConnect: start to connect; then opened(now, output), or lost(now) if it
//                     failed kClose:   close the socket kNothing: }
//   bytes came:     while (event = receive(input, now, output), event is no kNeedMore) use it;
//                   on an Error or kRefused close the socket
//   socket ended:   lost(now)
//   after each:     drain next_unanswered(); send `output`; set a timer for deadline()
//
// Whenever the socket is closed, for whatever reason, throw away what is left of `output`. The
// machine has then already arranged the next attempt; calling lost() once more is harmless.
//
// Every forwarded command comes back exactly once: as kReply, or through next_unanswered(). Reply i
// belongs to command i, or the connection is dead. The connection keeps no commands: its owner
// bounds them, gives them deadlines, and knows which of them may be sent again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "resp/error.hpp"
#include "resp/options.hpp"
#include "resp/parser.hpp"
#include "resp/ring.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

// Chosen by the caller; comes back with the reply.
using Token = std::uint64_t;

// As whom we come, and where to.
struct Account {
  std::string user = {};      // empty: the server's "default" user
  std::string password = {};  // empty: no AUTH
  std::uint32_t database = 0;
};

struct Event {
  enum class Kind : std::uint8_t {
    kNeedMore,           // the input is used up
    kReady,              // handshake done
    kReply,              // token, reply (which may be an error reply)
    kPush,               // reply
    kRefused,            // handshake refused: reply is the server's error, see refusal(); close
    kSubscriptionError,  // reply, to one of the commands given to subscriptions()
    kSubscriptionsDone,  // all of them are answered
  };
  Kind kind = Kind::kNeedMore;
  Token token = 0;
  Reply reply = {};  // valid until the next call of receive()
};

enum class Action : std::uint8_t { kNothing, kConnect, kClose };

class Connection {
 public:
  // What is referred to must outlive the connection. To a `subscriber` arrays that look like pushes
  // are pushes in RESP2. `seed` chooses the back-off times; clients of one server should have
  // different ones.
  Connection(const ClientOptions& options, const Account& account, bool subscriber,
             std::uint64_t seed);

  // The transport is up: writes HELLO.
  void opened(Milliseconds now, Buffer& output);
  // The transport is gone, or could not be made.
  void lost(Milliseconds now);

  // A command with exactly one reply that does not change the protocol. Only when ready().
  void forward(Bytes command, Token token, Buffer& output);
  // The same for a command whose answer nobody wants.
  void forward_silently(Bytes command, Milliseconds now, Buffer& output);
  // Any number of (UN)SUBSCRIBE and S(UN)SUBSCRIBE commands. They are confirmed by pushes and
  // refused by errors; a PING that follows tells when nothing of that can come any more.
  void subscriptions(Bytes commands, Milliseconds now, Buffer& output);
  // The next attempt to connect is due now.
  void hurry(Milliseconds now);

  Result<Event, Error> receive(MutableBytes& input, Milliseconds now, Buffer& output);
  // The commands that were under way when the connection broke.
  std::optional<Token> next_unanswered();

  [[nodiscard]] Milliseconds deadline() const;
  Action on_timer(Milliseconds now, Buffer& output);

  [[nodiscard]] bool ready() const { return state_ == State::kReady; }
  // 2 or 3, as agreed with the server.
  [[nodiscard]] int protocol() const { return protocol_; }
  // The server's error text if the last handshake was refused; otherwise empty. For the log:
  // without the arguments that the server quotes, of which one may be the password.
  [[nodiscard]] std::string_view refusal() const { return refusal_; }
  // Nothing is under way.
  [[nodiscard]] bool idle() const { return slots_.empty(); }

 private:
  // In the order of the handshake.
  enum class State : std::uint8_t { kDown, kConnecting, kHello, kAuth, kSetName, kSelect, kReady };
  // The place of a command in the line of replies.
  struct Slot {
    Token token = 0;
    Milliseconds deadline = kNever;
    bool silent = false;         // the reply is swallowed
    bool subscriptions = false;  // the PING behind them; its token is its argument
  };

  Result<Event, Error> handshake_reply(const Reply& reply, Milliseconds now, Buffer& output);
  Event continue_handshake(Milliseconds now, Buffer& output);
  Event become_ready(Milliseconds now, Buffer& output);
  Event refuse(const Reply& reply, Milliseconds now);

  void go_down(Milliseconds now, Milliseconds least_backoff);
  Milliseconds backoff();
  Result<Event, Error> broken(Error error, MutableBytes& input, Milliseconds now);

  Result<Event, Error> answer(const Reply& reply);
  Result<Event, Error> subscription_answer(const Reply& reply);
  [[nodiscard]] bool is_push(const Reply& reply) const;
  Action on_timer_ready(Milliseconds now, Buffer& output);

  const ClientOptions& options_;
  const Account& account_;
  const bool subscriber_;
  State state_ = State::kDown;
  int protocol_ = 3;
  std::uint64_t random_;
  unsigned attempts_ = 0;
  Milliseconds retry_at_ = 0;
  Milliseconds setup_until_ = 0;
  Milliseconds ready_since_ = 0;
  Milliseconds heard_at_ = 0;
  std::string refusal_;
  Parser parser_;
  Ring<Slot> slots_;  // in the order of the replies
  Token last_ping_ = 0;
};

}  // namespace heliograph::resp
