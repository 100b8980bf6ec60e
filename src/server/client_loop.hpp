// The loop over the clients of one thread: accepts, receives, feeds the machines, keeps the time,
// and sends. Whoever owns it asks for one event after the other, and answers with verbs.
//
//            ┌──────────────────────────── turn ─────────────────────────────┐
//   epoll ──▶│ new clients, bytes, deadlines ──▶ next() ──▶ owner            │──▶ one send per
//            │                                              verbs ──▶ output │    touched client
//            └───────────────────────────────────────────────────────────────┘
//
// Verbs take effect at once and never lead to an event before next() is called again; what they
// append leaves when the turn ends. Clients are named by ids that are never used twice, and a verb
// for one whose kClosed was told does nothing.
//
// Fairness. In one turn a client is received from once, and has so many messages handed out; what
// is left is kept, and comes in the next turn, after the others had theirs. The same happens when
// more output waits for the client than WaterMarks allow, until it has read, and when it sends
// faster than Limits allow, until it may go on. TLS handshakes come after all that, a few in each
// turn and in the order in which they wait, so that a rush of them delays nobody who is connected.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/listener.hpp"
#include "net/poller.hpp"
#include "net/timer_wheel.hpp"
#include "server/address_counts.hpp"
#include "server/channel.hpp"
#include "server/guarded.hpp"
#include "server/limits.hpp"
#include "server/options.hpp"
#include "server/slots.hpp"
#include "server/token_bucket.hpp"

namespace heliograph::server {

class ClientLoop {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      kReady,         // a descriptor that the owner watches: `ready`
      kUpgrade,       // accept() or reject() what the client asks for in `upgrade`, now or later
      kMessage,       // `data`: a whole message of `opcode`
      kPong,          // a ping was answered after `round_trip`
      kDeadline,      // set_deadline() is due
      kClosed,        // once for every client, opened or not: nothing more comes from it or reaches
                      // it, though what was sent before still leaves; `reason` says why
      kAcceptPaused,  // descriptors or memory are spent: nobody is accepted for a moment
      kRefused,       // somebody was not accepted, by a limit: `reason`
      kTurnEnd,       // everything of this turn was told; what verbs say now still belongs to it,
                      // and may lead to another one
    };
    Kind kind = Kind::kTurnEnd;
    SlotId client = 0;
    ws::Opcode opcode = ws::Opcode::kText;
    MutableBytes data = {};                       // valid until next()
    const ws::UpgradeRequest* upgrade = nullptr;  // likewise, or until it is decided
    Milliseconds round_trip = 0;
    std::string_view reason = {};  // for the log; static text
    // kClosed: of the close frame that came first, the server's or the client's.
    ws::CloseCode close_code = ws::CloseCode::kAbnormal;
    bool by_server = false;
    net::Ready ready = {};
  };

  // The owner's descriptors have tokens from here on, below 2^32.
  static constexpr net::PollToken kFirstOwnerToken = 1;

  // What the limits count by connection and by address, for all loops that share it.
  using Counts = Guarded<AddressCounts>;

  // Without `tls` it speaks ws://. Without `counts`, every connection is admitted; it must outlive
  // the loop.
  ClientLoop(const ChannelOptions& options, const WaterMarks& marks,
             std::shared_ptr<const tls::ServerConfig> tls, net::Listener listener,
             const Limits& limits = Limits::none(), Counts* counts = nullptr);

  // Waits for something to happen.
  Event next();

  // Of the turn.
  [[nodiscard]] Milliseconds now() const { return now_; }
  // kReady comes whenever `fd` is readable. Throws std::system_error if the kernel refuses it.
  void watch(int fd, net::PollToken token);
  // For an owner whose descriptors come and go.
  [[nodiscard]] net::Poller& poller() { return poller_; }
  // A turn begins at this time at the latest, for a deadline of the owner's own.
  void wake_at(Milliseconds time) { wake_at_ = time; }

  // Decides about an upgrade. False if the client has gone, was answered already, or the answer
  // cannot stand: see Channel.
  bool accept(SlotId id, std::string_view subprotocol = {},
              std::span<const http::Field> fields = {});
  bool reject(SlotId id, const ws::Rejection& rejection);

  // One message, given in pieces, which may be the data of the event. Nothing is sent to a client
  // that is not open.
  void send(SlotId id, ws::Opcode opcode, std::span<const Bytes> pieces);
  // kDeadline comes at `time`, once; kNever for not at all. The last call counts.
  void set_deadline(SlotId id, Milliseconds time);
  void close(SlotId id, ws::CloseCode code, std::string_view reason);

  void use_tls(std::shared_ptr<const tls::ServerConfig> tls) { context_.tls = std::move(tls); }
  // For WebSockets that are opened from now on. Those who are there may still send what they might
  // before, so `close_above` of the marks is only ever raised.
  void use_options(const ChannelOptions& options, const WaterMarks& marks);
  // Counts from now on, also for those who are there. Limits::output is of this loop alone.
  void use_limits(const Limits& limits) { limits_ = limits; }
  // For good.
  void stop_accepting();
  void close_all(ws::CloseCode code, std::string_view reason);

  [[nodiscard]] std::size_t size() const { return clients_.size(); }
  // The owner may add what it counts itself.
  [[nodiscard]] Metrics& metrics() { return context_.metrics; }
  [[nodiscard]] const Metrics& metrics() const { return context_.metrics; }
  [[nodiscard]] std::vector<SlotId> ids() const { return clients_.ids(); }
  // Bytes that wait for clients to read them, or for the rest of their message or record.
  [[nodiscard]] std::size_t buffered() const { return buffered_; }
  [[nodiscard]] net::HostAddress peer(SlotId id) const;
  // See Channel. Valid as long as the client is there.
  [[nodiscard]] const tls::Peer* certificate(SlotId id) const;

 private:
  // Why a client ends, if its channel did not say so itself.
  enum class Ending : std::uint8_t { kLost, kAsked, kTooSlow, kGaveWay, kTooMuchBuffered };
  static std::string_view describe(Ending ending);

  struct Client {
    Client(net::Accepted accepted, ChannelContext& context, Milliseconds now,
           std::int64_t wall_clock);

    Channel channel;
    Buffer output;
    Milliseconds owner_deadline = kNever;
    Milliseconds linger_until = kNever;  // for the end of the client's input, once finished
    Milliseconds timer_at = kNever;      // the earliest entry in the wheel
    TokenBucket messages;                // what it has taken of Limits::messages
    TokenBucket bytes;                   // and of Limits::bytes
    std::size_t counted = 0;             // its part of buffered_
    std::list<SlotId>::iterator place;   // in unopened_, while `unopened`
    net::FileDescriptor socket;
    net::HostAddress peer;
    net::Interest interest = {.readable = true, .writable = false};
    Ending ending = Ending::kLost;
    ws::CloseCode close_code = ws::CloseCode::kAbnormal;  // unless kLost
    bool touched : 1 = false;                             // is in touched_
    bool resuming : 1 = false;                            // is in resuming_
    bool paused : 1 = false;                              // too much output waits: nothing is read
    bool closed_told : 1 = false;                         // kClosed was returned
    bool input_ended : 1 = false;                         // nothing more will be read
    bool broken : 1 = false;  // the socket failed: nothing more can be written
    bool send_shut_down : 1 = false;
    bool unopened : 1 = false;  // counts as an unfinished handshake
    bool in_line : 1 = false;   // is in handshakes_
    bool ready : 1 = false;     // is in ready_ciphers_
    bool active : 1 = false;    // since it was looked at there
  };
  static_assert(sizeof(Client) <= sizeof(Channel) + 128);

  // What a turn is made of, in order.
  enum class Stage : std::uint8_t { kWait, kReady, kResume, kHandshakes, kTimers, kSettle };
  using Step = std::optional<Event>;

  Step step();
  void wait();
  Step take_ready();
  Step take_resuming();
  Step take_handshake();
  Step take_due();
  Step take_touched();

  Step accept_clients();
  void accept_again();
  Step read(SlotId id, Client& client);
  void start_feeding(SlotId id, MutableBytes input);
  Step feed();
  Step on_channel(SlotId id, Client& client, const Channel::Event& event);
  Step tell_closed(SlotId id, Client& client, const Channel::Event& finished);

  Admission admit(const net::HostAddress& address);
  bool drop_longest_unopened();
  void count_in(SlotId id, Client& client);
  void no_longer_unopened(Client& client);
  void count_out(Client& client);
  void wait_in_line(SlotId id, Client& client);
  static Milliseconds may_speak_at(const Client& client);
  void keep_ciphers(SlotId id, Client& client);
  void count_buffered(Client& client);
  void close_greediest();

  Client* find_live(SlotId id);
  Step settle(SlotId id, Client& client);
  void write(Client& client);
  void watch_client(SlotId id, Client& client);
  void touch(SlotId id, Client& client);
  void end_if_too_slow(Client& client);
  Buffer& output_of(Client& client);
  static std::size_t waiting(const Client& client);

  WaterMarks marks_;
  Limits limits_;
  Counts* const counts_;
  ChannelContext context_;
  net::Poller poller_;
  std::optional<net::Listener> listener_;
  Milliseconds now_;
  std::uint64_t turn_began_at_;  // in nanoseconds
  Milliseconds wake_at_ = kNever;
  Milliseconds accept_again_at_ = kNever;
  net::TimerWheel wheel_;
  Slots<Client> clients_;
  std::unique_ptr<std::uint8_t[]> receive_buffer_;

  Stage stage_ = Stage::kWait;
  bool turn_end_told_ = false;
  std::span<const net::Ready> ready_;
  std::vector<net::TimerWheel::Token> due_;
  std::vector<SlotId> resuming_;  // have input left, for the next turn
  std::vector<SlotId> resumed_;   // of this turn
  std::vector<SlotId> touched_;
  bool accepting_ = false;  // and has told of somebody refused
  int accept_credit_ = 0;
  std::deque<SlotId> handshakes_;  // have sent something for their TLS handshake
  std::size_t handshake_credit_ = 0;
  std::list<SlotId> unopened_;        // the one that has waited longest in front
  std::deque<SlotId> ready_ciphers_;  // clients whose ciphers are kept, and some that have gone
  std::size_t buffered_ = 0;
  // The client whose input is being fed; 0 for none.
  SlotId feeding_ = 0;
  MutableBytes input_;
  std::size_t message_credit_ = 0;
  std::size_t byte_credit_ = 0;
};

}  // namespace heliograph::server
