// A Redis client as a machine without I/O, for a single server, a master that Sentinels know, or a
// Cluster. Whoever gives it commands sees none of that: each accepted command is answered exactly
// once, by the server that is right for it, or fails with a reason.
//
//   verbs       command(), cancel(), subscribe(), unsubscribe()
//   bytes in    while (event = receive(link, input, now)) use it;
//   time        at deadline(): on_timer(now)
//   transports  opened(link, now); lost(link, now)
//   after each  while (event = next_event()) use it;
//               while (wish = next_wish()) connect the link to target(link), or close it;
//               send output(link) of every link that has one
//
// A link is a transport that the owner makes on request: TCP, TCP with TLS, or a unix socket. Links
// have small numbers that are used again. After kClose (also one that the owner finds in the wishes
// before it has connected) nothing more is to be told about the link until the next kConnect.
//
// Resending. A command that was under way when its connection broke may have run. GET and its
// family, and scripts that are marked idempotent, are then sent once more; all others fail with
// `may_have_run`. A command that the server says it has not run (MOVED, ASK, TRYAGAIN, LOADING, …)
// is sent again whatever it is. Two commands of one caller that are under way at once keep their
// order while nothing of that happens.
//
// A command that is not answered by its deadline fails, and closes its connection: a late reply
// never reaches another command. One whose reply breaks the protocol or is larger than the limits
// fails as well, and is not asked again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "resp/channels.hpp"
#include "resp/command.hpp"
#include "resp/options.hpp"
#include "resp/pending.hpp"
#include "resp/url.hpp"

namespace heliograph::resp {

// Why a command failed.
enum class Failure : std::uint8_t {
  kLate,              // no answer by the deadline
  kLost,              // the connection broke
  kRefused,           // the server refuses us: refusal() says how
  kTooManyRedirects,  // servers send it to one another
};
std::string_view describe(Failure failure);

struct ClientEvent {
  enum class Kind : std::uint8_t {
    kUp,          // commands can be sent; `text` is the address
    kDown,        // they cannot; `text` is the reason; again if an attempt fails for another one
    kReply,       // token, reply (which may be an error reply, but never a redirect)
    kFailed,      // token, failure, may_have_run
    kMessage,     // channel, text
    kSubscribed,  // channel: messages come from now on; again after each loss
    kRefused,     // channel: the server does not let us subscribe to it; text is its error
  };
  Kind kind = Kind::kReply;
  Token token = 0;
  Failure failure = Failure::kLost;
  bool may_have_run = false;
  ChannelKind channel_kind = ChannelKind::kPlain;
  std::string_view channel = {};
  std::string_view text = {};
  Reply reply = {};
};

// What the owner shall do.
struct Wish {
  enum class Kind : std::uint8_t { kConnect, kClose };
  Kind kind = Kind::kConnect;
  LinkId link = 0;
};

// Where a link leads. `path` is of a unix socket; otherwise host and port.
struct Target {
  Address address = {};
  std::string path = {};
  bool tls = false;

  friend bool operator==(const Target&, const Target&) = default;
};

// What has happened, for metrics. Counts from the beginning.
struct ClientUsage {
  std::uint64_t commands = 0;
  std::uint64_t resent = 0;        // after a loss
  std::uint64_t redirects = 0;     // MOVED, ASK
  std::uint64_t retries = 0;       // TRYAGAIN, CLUSTERDOWN, LOADING, READONLY, MASTERDOWN
  std::uint64_t scripts_sent = 0;  // NOSCRIPT
  std::uint64_t connects = 0;
  std::uint64_t topology_reads = 0;    // answers of a Sentinel, or CLUSTER SLOTS
  std::uint64_t unknown_channels = 0;  // messages and confirmations for what nobody subscribed to
  std::uint64_t other_pushes = 0;
  std::uint64_t probes_missed = 0;
};

class Client {
 public:
  // `seed` chooses the back-off times; clients of one server should have different ones.
  Client(const Url& url, ClientOptions options, std::uint64_t seed);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False: not accepted, nothing will come back. The queue is full, the server refuses us, or the
  // command is one that no client survives (Command::has_one_reply).
  [[nodiscard]] bool command(const Command& command, Token token, Milliseconds now);
  // Nothing will come back for this token.
  void cancel(Token token);

  // Channels are a set: subscribing twice is once. Kept through losses until unsubscribed or
  // refused. False: there are too many.
  [[nodiscard]] bool subscribe(ChannelKind kind, std::string_view channel, Milliseconds now);
  void unsubscribe(ChannelKind kind, std::string_view channel, Milliseconds now);

  // Consumes from the front of `input`; nothing once it is used up. Views in the event are valid
  // until the next call of any verb.
  std::optional<ClientEvent> receive(LinkId link, MutableBytes& input, Milliseconds now);
  std::optional<ClientEvent> next_event();
  std::optional<Wish> next_wish();

  [[nodiscard]] const Target& target(LinkId link) const;
  // What is to be sent over the link; the owner consumes it.
  Buffer& output(LinkId link);
  // Numbers of links are below this.
  [[nodiscard]] LinkId links() const;

  void opened(LinkId link, Milliseconds now);
  // `reason` is what kDown tells.
  void lost(LinkId link, Milliseconds now, std::string_view reason = "the connection broke");

  [[nodiscard]] Milliseconds deadline() const;
  void on_timer(Milliseconds now);

  // Commands can be sent.
  [[nodiscard]] bool up() const;
  // 2 or 3, as agreed with the server; 0 while down.
  [[nodiscard]] int protocol() const;
  // The error text of the server that refused us last; empty once one did not. For the log.
  [[nodiscard]] std::string_view refusal() const;
  [[nodiscard]] std::size_t queued_commands() const;
  [[nodiscard]] std::size_t queued_bytes() const;
  [[nodiscard]] const ClientUsage& usage() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace heliograph::resp
