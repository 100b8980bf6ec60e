// One client connection to a Redis server, as a machine without I/O: handshake, pipelined commands,
// deadlines, and when to connect again. The caller owns the socket:
//
//   at deadline():  switch (on_timer(now, output)) {
//                     kConnect: start to connect; then opened(now, output), or lost(now) if it
//                     failed kClose:   close the socket kNothing: }
//   bytes came:     while (event = receive(input, now, output), event is no kNeedMore) use it;
//                   on an Error or kRefused close the socket
//   socket ended:   lost(now)
//   after each:     drain next_failure(); send `output`; set a timer for deadline()
//
// Whenever the socket is closed, for whatever reason, throw away what is left of `output`. The
// machine has then already arranged the next attempt; calling lost() once more is harmless.
//
// Every accepted command comes back exactly once: as kReply, or through next_failure(), unless it
// is cancelled. Reply i belongs to command i, or the connection is dead: a command whose reply is
// late fails and takes the connection with it, and a cancelled one keeps its place in the line.
//
// A GET and its family wait in the queue while the connection is being made, and are sent again
// once when it breaks. Nothing else is: it might run twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "resp/encoder.hpp"
#include "resp/error.hpp"
#include "resp/parser.hpp"
#include "resp/ring.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

// Chosen by the caller; comes back with the reply.
using Token = std::uint64_t;

struct Options {
  std::string user = {};         // empty: the server's "default" user
  std::string password = {};     // empty: no AUTH
  std::string client_name = {};  // shown by CLIENT LIST; empty: none
  std::uint32_t database = 0;

  // Commands that wait or are under way, in number and in bytes. Without them a server that stops
  // reading makes every client of ours wait, and us store what they ask.
  std::size_t queue_commands = 4096;
  std::size_t queue_bytes = std::size_t{8} << 20;
  // From command() to the reply. A server that stalls must not stall us.
  Milliseconds command_deadline = 2000;
  // From kConnect to kReady.
  Milliseconds setup_deadline = 5000;
  // Silence after which PING asks whether the server is still there.
  Milliseconds ping_after = 2000;
  // The n-th attempt follows after a random part of min(first * 2^n, longest): the clients of a
  // server that returns do not arrive all at once.
  Milliseconds first_backoff = 50;
  Milliseconds longest_backoff = 5000;
  // At least this long after a refused handshake: a wrong password stays wrong.
  Milliseconds refused_backoff = 1000;
  // In RESP2, arrays that look like pushes are pushes: the connection of a subscriber.
  bool subscriber = false;
  Limits limits = {};
};

struct Event {
  enum class Kind : std::uint8_t {
    kNeedMore,           // the input is used up
    kReady,              // handshake done
    kReply,              // token, reply (which may be an error reply)
    kPush,               // reply
    kRefused,            // handshake refused: reply is the server's error, see refusal(); close
    kFailed,             // token, may_have_run; only from next_failure()
    kSubscriptionError,  // reply, to one of the commands given to subscriptions()
    kSubscriptionsDone,  // all of them are answered
  };
  Kind kind = Kind::kNeedMore;
  Token token = 0;
  bool may_have_run = false;  // the server may have carried the command out
  Reply reply = {};           // valid until the next call of receive()
};

enum class Action : std::uint8_t { kNothing, kConnect, kClose };

class Connection {
 public:
  // `seed` chooses the back-off times; clients of one server should have different ones.
  Connection(Options options, std::uint64_t seed);

  // The transport is up: writes HELLO.
  void opened(Milliseconds now, Buffer& output);
  // The transport is gone, or could not be made.
  void lost(Milliseconds now);

  // False: not accepted, nothing will come back. The queue is full; or the connection is not ready
  // and the command may not wait; or the server refuses us; or it is a command that is not answered
  // by exactly one reply, or that changes the protocol (SUBSCRIBE, MONITOR, HELLO, RESET, ...).
  bool command(Arguments arguments, Token token, Milliseconds now, Buffer& output);
  bool command(std::initializer_list<std::string_view> arguments, Token token, Milliseconds now,
               Buffer& output) {
    return command(Arguments(arguments.begin(), arguments.size()), token, now, output);
  }
  // Nothing will come back for this token.
  void cancel(Token token);

  // Commands of a client that keeps them itself: sent at once, in one reply each, neither counted
  // in the queue nor resent nor given a deadline here. Only when ready().
  void forward(Bytes command, Token token, Buffer& output);
  // The same for a command whose answer nobody wants.
  void forward_silently(Bytes command, Milliseconds now, Buffer& output);
  // Any number of (UN)SUBSCRIBE and S(UN)SUBSCRIBE commands. They are confirmed by pushes and
  // refused by errors; a PING that follows tells when nothing of that can come any more.
  void subscriptions(Bytes commands, Milliseconds now, Buffer& output);
  // The next attempt to connect is due now.
  void hurry(Milliseconds now);

  Result<Event, Error> receive(MutableBytes& input, Milliseconds now, Buffer& output);
  // Commands that get no reply.
  std::optional<Event> next_failure();

  [[nodiscard]] Milliseconds deadline() const;
  Action on_timer(Milliseconds now, Buffer& output);

  [[nodiscard]] bool ready() const { return state_ == State::kReady; }
  // 2 or 3, as agreed with the server.
  [[nodiscard]] int protocol() const { return protocol_; }
  // The server's error text if the last handshake was refused; otherwise empty. For the log:
  // without the arguments that the server quotes, of which one may be the password.
  [[nodiscard]] std::string_view refusal() const { return refusal_; }
  [[nodiscard]] std::size_t queued_commands() const { return slots_.size(); }
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }
  [[nodiscard]] const Usage& usage() const { return parser_.usage(); }

 private:
  // In the order of the handshake.
  enum class State : std::uint8_t { kDown, kConnecting, kHello, kAuth, kSetName, kSelect, kReady };
  // The place of a command in the line of replies. The bytes of a command that may be sent again
  // stand in kept_, in the order of the slots.
  struct Slot {
    Token token = 0;
    Milliseconds deadline = 0;
    std::size_t size = 0;
    bool may_resend = false;
    bool sent_before = false;    // on a connection that broke
    bool silent = false;         // cancelled, or a PING of our own: the reply is swallowed
    bool subscriptions = false;  // the PING behind them; its token is its argument
  };

  Result<Event, Error> handshake_reply(const Reply& reply, Milliseconds now, Buffer& output);
  Event continue_handshake(Milliseconds now, Buffer& output);
  Event become_ready(Milliseconds now, Buffer& output);
  Event refuse(const Reply& reply, Milliseconds now);

  void go_down(Milliseconds now, Milliseconds least_backoff);
  Milliseconds backoff();
  void requeue(Milliseconds now);
  Result<Event, Error> broken(Error error, MutableBytes& input, Milliseconds now);

  void push_slot(const Slot& slot, Arguments arguments, Buffer& output);
  void fail_slot(std::size_t index);
  void remove_slot(std::size_t index);
  void remove_kept(std::size_t index);
  Result<Event, Error> answer(const Reply& reply);
  Result<Event, Error> subscription_answer(const Reply& reply);
  [[nodiscard]] bool is_push(const Reply& reply) const;
  Action on_timer_ready(Milliseconds now, Buffer& output);

  Options options_;
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
  Ring<Slot> slots_;  // in the order of the replies; the first sent_ are under way
  std::size_t sent_ = 0;
  std::size_t queued_bytes_ = 0;
  Token last_ping_ = 0;
  Buffer kept_;
  std::deque<Event> failures_;
};

}  // namespace heliograph::resp
