// One worker: a loop with its own listener, clients, shard of the directory and Redis connection.
//
//            ┌────────── turn ──────────────────────────────────────────────┐
//   epoll ──▶│ letters, new clients, bytes ──▶ channels ──▶ sessions ──▶    │──▶ one send per
//            │ timers                            effects ──▶ other sessions │    touched client
//            └──────────────────────────────────────────────────────────────┘
//
// Workers share nothing but their mailboxes, the work pool and the count of failed logins, which is
// behind a lock and off the path of messages. Every name has a home worker, whose directory decides
// who has it, and through which every envelope to that name travels: so what one user sends to
// another arrives in order, on whatever workers the two are.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "net/listener.hpp"
#include "net/mailbox.hpp"
#include "net/poller.hpp"
#include "net/timer_wheel.hpp"
#include "server/channel.hpp"
#include "server/guarded.hpp"
#include "server/letter.hpp"
#include "server/options.hpp"
#include "server/redis_link.hpp"
#include "server/slots.hpp"
#include "server/work_pool.hpp"
#include "signal/credential.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/directory.hpp"
#include "signal/effects.hpp"
#include "signal/session.hpp"
#include "signal/throttle.hpp"

namespace heliograph::server {

// Bytes that wait for one client to read them. Above the first mark nothing more is read from it,
// so that it cannot make the server speak; above the second, or two of the longest messages, it is
// closed: whoever relays to a client that does not read must not fill our memory.
inline constexpr std::size_t kPauseReadingAbove = std::size_t{64} * 1024;
inline constexpr std::size_t kCloseAbove = std::size_t{256} * 1024;
// For all clients to go when the server is asked to end.
inline constexpr Milliseconds kDrainDeadline = 10'000;

class Worker {
 public:
  using Mailbox = net::Mailbox<Letter>;

  // What the workers of one process have in common. Outlives them.
  struct Node {
    const Options* options = nullptr;
    std::shared_ptr<const tls::ServerConfig> tls;     // what workers begin with
    std::vector<std::unique_ptr<Mailbox>> mailboxes;  // by worker
    signal::CredentialVerifier verifier;
    Guarded<signal::Throttle> throttle;  // one for all, or guessing would pay per worker
    std::unique_ptr<WorkPool> pool;
  };

  Worker(std::uint32_t number, Node& node, net::Listener listener);

  // Returns after a Stop, or a Drain when the last client has gone.
  void run();

 private:
  // A login whose password is to be checked. Overwrites the password when it goes.
  struct Login {
    Login() = default;
    Login(SlotId client, const signal::Effect& effect);
    Login(Login&&) = default;
    Login& operator=(Login&&) = default;
    ~Login();

    SlotId connection = 0;
    signal::LoginId id = 0;
    std::string name;
    Buffer password;
  };

  // One that is slowed down because others failed before it.
  struct HeldLogin {
    Login login;
    Milliseconds until = 0;
  };

  struct Client {
    Client(net::Accepted accepted, const ChannelOptions& options,
           std::shared_ptr<const tls::ServerConfig> tls, Milliseconds now, std::int64_t wall_clock)
        : socket(std::move(accepted.socket)),
          peer(accepted.peer.host_text()),
          address(accepted.peer.host_bytes()),
          channel(options, std::move(tls), now, wall_clock) {}

    net::FileDescriptor socket;
    std::string peer;
    signal::AddressKey address;
    Channel channel;
    std::unique_ptr<signal::Session> session;  // while the WebSocket is open
    std::unique_ptr<HeldLogin> held;           // while a login waits for its turn
    Buffer output;
    Milliseconds login_until = kNever;
    Milliseconds linger_until = kNever;  // for the end of the client's input, once finished
    Milliseconds timer_at = kNever;      // the earliest entry in the wheel
    net::Interest interest = {.readable = true, .writable = false};
    bool touched = false;      // is in touched_
    bool input_ended = false;  // nothing more will be read
    bool broken = false;       // the socket failed: nothing more can be written
    bool send_shut_down = false;
  };

  void turn();
  [[nodiscard]] bool drained() const;
  [[nodiscard]] Milliseconds next_deadline() const;
  void on_ready(const net::Ready& ready);

  void accept_clients();
  void read(SlotId id, Client& client);
  void feed(SlotId id, Client& client, MutableBytes input);
  void on_event(SlotId id, Client& client, const Channel::Event& event);
  void open_session(SlotId id, Client& client);
  // Tells the session that its connection is gone.
  void end_session(SlotId id, Client& client);
  void touch(SlotId id, Client& client);
  void settle(SlotId id);
  void write(Client& client);
  void watch(SlotId id, Client& client);

  void fire_timers();
  void on_timer(SlotId id, Client& client);
  [[nodiscard]] Milliseconds deadline_of(const Client& client) const;

  // Calls verb(session, effects) and performs the effects.
  template <class Verb>
  void with_session(SlotId id, Client& client, Verb verb);
  void perform(SlotId id, Client& client, const signal::Effect& effect);
  void reply(SlotId id, Client& client, const signal::Reply& reply);
  void close_client(SlotId id, Client& client, ws::CloseCode code, std::string_view reason);

  void start_login(SlotId id, Client& client, const signal::Effect& effect);
  void look_up(Login login);
  void check(Login login, std::string stored);
  void finish_login(const Login& login, CredentialChecked::Outcome outcome);
  void take_redis_answers();
  void resolve_redis();

  void claim(SlotId id, const signal::Effect& effect);
  void release(SlotId id, std::string_view name);
  void send(const signal::Envelope& envelope);
  void route(const signal::Envelope& envelope);
  void bounce(const signal::Envelope& envelope);
  void deliver(SlotId id, const signal::Envelope& envelope);

  void read_mail();
  void read_own_mail();
  void on_letter(ClaimName& letter);
  void on_letter(NameClaimed& letter);
  void on_letter(ReleaseName& letter);
  void on_letter(Parcel& letter);
  void on_letter(Undelivered& letter);
  void on_letter(EndSession& letter);
  void on_letter(CredentialChecked& letter);
  void on_letter(RedisResolved& letter);
  void on_letter(UseTls& letter);
  void on_letter(Drain& letter);
  void on_letter(Stop& letter);
  // To any worker; to this one it is read as soon as no session is in the middle of a verb.
  void post(std::uint32_t worker, Letter letter);

  [[nodiscard]] std::uint32_t home_of(std::string_view name) const;
  [[nodiscard]] signal::Address address_of(SlotId id) const;

  const std::uint32_t number_;
  Node& node_;
  const Options& options_;
  std::shared_ptr<const tls::ServerConfig> tls_;
  const std::size_t close_above_;
  std::optional<net::Listener> listener_;  // until the worker drains
  Milliseconds now_;
  net::Poller poller_;
  net::TimerWheel wheel_;
  Slots<Client> clients_;
  signal::TutorialDialect dialect_;
  signal::Directory directory_;
  std::optional<RedisLink> redis_;
  std::unordered_map<resp::Token, Login> lookups_;  // asked of Redis
  resp::Token last_lookup_ = 0;
  bool redis_has_hashes_ = false;

  std::unique_ptr<std::uint8_t[]> receive_buffer_;
  Buffer scratch_;
  std::vector<SlotId> touched_;
  std::vector<net::TimerWheel::Token> due_;
  std::vector<Letter> letters_;
  std::vector<RedisLink::Answer> answers_;
  // The session whose effects are being performed, and the one that it delivers to meanwhile. What
  // would go deeper, or back into one of the two, is a letter to ourselves.
  static constexpr std::size_t kMaxDepth = 2;
  std::array<signal::Effects, kMaxDepth> effects_;
  std::array<SlotId, kMaxDepth> active_{};
  std::size_t depth_ = 0;
  std::deque<Letter> own_mail_;
  bool reading_own_mail_ = false;

  Milliseconds accept_again_at_ = kNever;  // descriptors were spent
  Milliseconds drain_until_ = kNever;      // set when the worker drains
  bool stopped_ = false;
};

template <class Verb>
void Worker::with_session(SlotId id, Client& client, Verb verb) {
  signal::Effects& effects = effects_[depth_];
  active_[depth_] = id;
  ++depth_;
  verb(*client.session, effects);
  for (const signal::Effect& effect : effects.list()) perform(id, client, effect);
  effects.clear();
  --depth_;
  if (depth_ == 0) read_own_mail();
}

}  // namespace heliograph::server
