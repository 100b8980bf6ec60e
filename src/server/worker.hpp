// One worker: a loop over its clients, their sessions, its shard of the directory, its connection
// to Redis.
//
//   ClientLoop ──▶ events ──▶ sessions ──▶ effects ──▶ replies, other sessions ──▶ ClientLoop
//   mailbox    ──▶ letters ─┘                   └──▶ letters to other workers
//
// Workers share nothing but their mailboxes, the work pools and the count of failed logins, which
// is behind a lock and off the path of messages. Every name has a home worker, whose directory
// decides who has it, and through which every envelope to that name travels: so what one user sends
// to another arrives in order, on whatever workers the two are.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "crypto/secret_bytes.hpp"
#include "net/listener.hpp"
#include "net/mailbox.hpp"
#include "net/poller.hpp"
#include "server/client_loop.hpp"
#include "server/departures.hpp"
#include "server/guarded.hpp"
#include "server/letter.hpp"
#include "server/lifeline.hpp"
#include "server/login_time.hpp"
#include "server/options.hpp"
#include "server/redis_link.hpp"
#include "server/slot_table.hpp"
#include "server/slots.hpp"
#include "server/work_pool.hpp"
#include "signal/credential.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/directory.hpp"
#include "signal/effects.hpp"
#include "signal/presence.hpp"
#include "signal/resume_token.hpp"
#include "signal/room.hpp"
#include "signal/session.hpp"
#include "signal/throttle.hpp"

namespace heliograph::server {

class Worker {
 public:
  using Mailbox = net::Mailbox<Letter>;

  // What the workers of one process have in common. Outlives them.
  struct Node {
    const Options* options = nullptr;
    std::shared_ptr<const Reloadable> settings;       // what workers begin with
    std::vector<std::unique_ptr<Mailbox>> mailboxes;  // by worker
    net::Mailbox<StillAlive> alive;                   // answers to AreYouAlive, for the main thread
    ClientLoop::Counts counts;           // likewise: which worker gets a connection is chance
    Guarded<signal::Throttle> throttle;  // one for all, or guessing would pay per worker
    std::unique_ptr<WorkPool> pool;      // derives passwords
    std::unique_ptr<WorkPool> resolver;  // looks up names
    net::Mailbox<Report> reports;        // answers to the main thread
    std::atomic<bool> draining = false;  // from the first moment on
    std::atomic<std::size_t> serving;    // workers that have not come to the end of a drain
  };

  Worker(std::uint32_t number, Node& node, net::Listener listener);

  // Returns after a Stop, which the last worker to come to the end of a Drain posts to all.
  void run();

  // Read by any thread.
  [[nodiscard]] const Metrics& metrics() const { return loop_.metrics(); }

 private:
  struct Resume {
    std::optional<signal::ResumeToken> token;  // nothing if it was none
    std::optional<std::uint64_t> received;
  };

  // A login whose password is to be checked.
  struct Login {
    SlotId connection = 0;
    signal::LoginId id = 0;
    std::string name;  // or the key of a resume in the throttle
    crypto::SecretBytes password;
    std::optional<Resume> resume = {};  // instead of a password
  };

  // What happens often when it happens: a flood must not fill the log, too.
  class Seldom {
   public:
    // Logged at most so often in a period.
    explicit Seldom(std::size_t at_most) : at_most_(at_most) {}
    // It has happened: how often since it was logged last, or 0 if it is not to be logged now.
    std::size_t happened(Milliseconds now);

   private:
    static constexpr Milliseconds kPeriod = 10'000;
    std::size_t at_most_;
    std::size_t logged_ = 0;  // in this period
    std::size_t count_ = 0;
    Milliseconds period_ends_ = 0;
  };

  // One whose password is asked for.
  struct Lookup {
    Login login;
    std::uint64_t asked_at = 0;  // in nanoseconds
  };

  // One that is slowed down because others failed before it.
  struct HeldLogin {
    Login login;
    Milliseconds until = 0;
  };

  // A client whose WebSocket is open, under the id that the loop gave it.
  struct Member {
    Member(net::HostAddress host, signal::Address own, const signal::Settings& settings,
           signal::Dialect& dialect)
        : session(own, settings, dialect), peer(host) {}

    [[nodiscard]] signal::AddressKey throttled_as() const {
      return signal::AddressKey(peer.bytes());
    }

    signal::Session session;
    net::HostAddress peer;             // where the client is, or was last
    std::unique_ptr<HeldLogin> held;   // while a login waits for its turn
    Milliseconds login_time = kNever;  // so long it may be there without a login
    LoginTime time_to_log_in;
    std::int64_t logged_in_at = 0;       // since 1970
    std::unique_ptr<Lifeline> lifeline;  // once the session can be resumed
    std::unique_ptr<Line> line;          // of the connection: once it carries such a session
  };

  void end_drain();
  void begin_drain(Milliseconds over);
  void let_go();
  void on_event(const ClientLoop::Event& event);
  void tell_time();
  void on_ready(const net::Ready& ready);
  void on_upgrade(SlotId id, const ws::UpgradeRequest& request);
  void on_message(SlotId id, MutableBytes message);
  void on_deadline(SlotId id);
  void on_closed(const ClientLoop::Event& event);
  void on_turn_end();
  void watch_deadlines(SlotId id, Member& member);
  // Tells the session that its connection is gone for good.
  void end_session(SlotId id, Member& member);

  // Calls verb(session, effects) and performs the effects.
  template <class Verb>
  void with_session(SlotId id, Member& member, Verb verb,
                    std::optional<CallEnd> end = CallEnd::kLeft);
  void perform(SlotId id, Member& member, const signal::Effect& effect);

  void reply(SlotId id, Member& member, const signal::Reply& reply);
  void send_now(SlotId client, const signal::Reply& message);
  void close_client(SlotId id, const Member& member, std::uint16_t code, std::string_view reason);
  void start_login(SlotId id, Member& member, const signal::Effect& effect);
  void check_ticket(SlotId id, const Member& member, const signal::Effect& effect);
  void check_certificate(SlotId id, const Member& member, const signal::Effect& effect);
  // Before look_up().
  void hold(Login login, Member& member, Milliseconds delay);
  void look_up(Login login);
  void check(Login login, std::string stored);
  void finish_login(const Login& login, CredentialChecked::Outcome outcome);
  [[nodiscard]] bool wants_rehash(std::string_view stored) const;
  static void hash_again(const Login& login, std::string_view stored, Mailbox& mailbox);
  void rehash_later(const Login& login, std::string_view stored);
  void on_rehash_event(const resp::ClientEvent& event);
  void take_redis_events();
  void on_redis_event(const resp::ClientEvent& event);
  void on_redis_reply(Login login, const resp::Reply& reply);
  void resolve_redis(RedisLink::Lookup lookup);

  void claim(SlotId id, const signal::Effect& effect);
  void release(SlotId id, Member& member, std::string_view name);
  void send(const signal::Envelope& envelope);
  void route(const signal::Envelope& envelope, signal::OwnedEnvelope* owned);
  void bounce(const signal::Envelope& envelope);
  void deliver(SlotId id, const signal::Envelope& envelope);

  // resume.cpp
  [[nodiscard]] Member* session_at(SlotId id) const;
  void count(SlotId id, Member& member);
  // To the client of a session that can be resumed, wherever it is.
  void say(SlotId id, const Member& member, const signal::Reply& message);
  void start_resume(SlotId id, Member& member, const signal::Effect& effect);
  void ask_session(const Login& login);
  void move_client(SlotId id, Member& member, const ResumeSession& request);
  void set_adrift(SlotId id);
  void forget_session(SlotId id);
  void park(SlotId id, Member& member);
  void client_lost(const signal::Address& session, const signal::Address& client, bool for_good);
  void run_adrift_timers();
  void transmit(const signal::Address& client, const signal::Reply& message,
                std::optional<std::uint64_t> number);
  void forward(const signal::Address& session, const signal::Address& client, Bytes message,
               Heard heard);
  void on_pong(SlotId id, Milliseconds round_trip);

  // gathering.cpp
  void watch_name(SlotId id, std::string_view name, bool watches);
  void enter_room(SlotId id, std::string_view room, std::string_view user);
  void leave_room(SlotId id, std::string_view room);
  void announce(std::string_view name, bool online);
  void tell_room(std::string_view room, const signal::Address& except, RoomNews::Kind kind,
                 std::string_view name);

  void read_mail();
  void read_own_mail();
  void on_letter(ClaimName& letter);
  void on_letter(NameContested& letter);
  void on_letter(NameClaimed& letter);
  void on_letter(ReleaseName& letter);
  void on_letter(Parcel& letter);
  void on_letter(Undelivered& letter);
  void on_letter(CredentialChecked& letter);
  void on_letter(Rehashed& letter);
  void on_letter(CertificateAsked& letter);
  void on_letter(Identified& letter);
  void on_letter(ResumeSession& letter);
  void on_letter(Resumed& letter);
  void on_letter(FromClient& letter);
  void on_letter(ToClient& letter);
  void on_letter(Arrived& letter);
  void on_letter(ClientLost& letter);
  void on_letter(CloseClient& letter);
  void on_letter(GiveUp& letter);
  void on_letter(WatchName& letter);
  void on_letter(NameSeen& letter);
  void on_letter(EnterRoom& letter);
  void on_letter(LeaveRoom& letter);
  void on_letter(RoomNews& letter);
  void on_letter(RedisResolved& letter);
  void on_letter(Question& letter);
  void on_letter(Reconfigure& letter);
  void on_letter(AreYouAlive& letter);
  void on_letter(Drain& letter);
  void on_letter(Stop& letter);

  // worker_admin.cpp
  void answer(ListUsers& question);
  void answer(KickName& question);
  void answer(KickConnection& question);
  [[nodiscard]] ListedUser describe(SlotId id, const Member& member) const;
  // What a verb has made of so many calls. Those that it ended are not counted without an `end`:
  // they were, where the other party is.
  void count_calls(std::size_t before, const Member& member, std::optional<CallEnd> end);
  void count_checked(const CredentialChecked& checked, const Member& member);
  void count_identified(const Identified& identified, const Member& member);
  void count_redis_failure(resp::Failure failure);
  void count_tally(const signal::Tally& tally);
  void count_turn();
  // To any worker; to this one it is read as soon as no session is in the middle of a verb.
  void post(std::uint32_t worker, Letter letter);

  [[nodiscard]] std::uint32_t home_of(std::string_view name) const;
  [[nodiscard]] signal::Address address_of(SlotId id) const;

  const std::uint32_t number_;
  Node& node_;
  const Options& options_;
  std::shared_ptr<const Reloadable> settings_;
  ClientLoop loop_;
  SlotTable<Member> members_;
  signal::TutorialDialect tutorial_dialect_;
  signal::HeliographDialect heliograph_dialect_;
  Milliseconds told_time_at_ = 0;  // to the dialect
  // Sessions whose client is no longer on the connection with whose id they began: it is away, or
  // on another one. And when they want to be woken.
  std::unordered_map<SlotId, std::unique_ptr<Member>> adrift_;
  std::set<std::pair<Milliseconds, SlotId>> adrift_timers_;
  signal::Directory directory_;
  signal::Presence presence_;
  signal::Rooms rooms_;
  std::optional<RedisLink> redis_;
  std::unordered_map<resp::Token, Lookup> lookups_;  // asked of Redis
  resp::Token last_lookup_ = 0;

  std::vector<Letter> letters_;
  // The session whose effects are being performed, and the one that it delivers to meanwhile. What
  // would go deeper, or back into one of the two, is a letter to ourselves.
  static constexpr std::size_t kMaxDepth = 2;
  std::array<signal::Effects, kMaxDepth> effects_;
  std::array<SlotId, kMaxDepth> active_{};
  std::size_t depth_ = 0;
  std::deque<Letter> own_mail_;

  std::unordered_map<resp::Token, std::string>
      rehashes_;                          // whose password is being replaced in Redis
  Milliseconds drain_until_ = kNever;     // set when the worker drains
  std::optional<Departures> departures_;  // likewise
  Seldom refused_{1};
  Seldom accept_paused_{1};
  Seldom refusals_{100};  // of logins and resumes that cost a stranger nothing
  bool redis_has_hashes_ = false;
  bool reading_own_mail_ = false;
  bool drained_ = false;
  bool stopped_ = false;
};

template <class Verb>
void Worker::with_session(SlotId id, Member& member, Verb verb, std::optional<CallEnd> end) {
  signal::Effects& effects = effects_[depth_];
  active_[depth_] = id;
  ++depth_;
  const std::size_t calls = member.session.calls();
  verb(member.session, effects);
  count_calls(calls, member, end);
  for (const signal::Effect& effect : effects.list()) perform(id, member, effect);
  effects.clear();
  --depth_;
  if (depth_ == 0) read_own_mail();
}

}  // namespace heliograph::server
