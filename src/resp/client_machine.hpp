// The inside of a client. What arrives goes down this page, what is sent goes up:
//
//   client_links.cpp     transports: connect, handshake done, lost; time
//   client_replies.cpp   replies: to whom they belong, and which of them are redirects
//   client_commands.cpp  commands: accepted, sent to the right link, waiting, failed
//   client_topology.cpp  who is the master, who has which slot
//   client_pubsub.cpp    subscriptions, messages, probes
//
// Every link has a Connection, which knows about handshakes, the order of replies, PING and
// back-off, but keeps no commands: those are in `pending_`.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resp/channels.hpp"
#include "resp/client.hpp"
#include "resp/cluster.hpp"
#include "resp/connection.hpp"
#include "resp/pending.hpp"
#include "resp/probe.hpp"
#include "resp/random.hpp"
#include "resp/redirect.hpp"

namespace heliograph::resp {

class Client::Machine {
 public:
  Machine(const Url& url, ClientOptions options, std::uint64_t seed);

  bool command(const Command& command, Token token, Milliseconds now);
  void cancel(Token token);
  bool subscribe(ChannelKind kind, std::string_view channel, Milliseconds now);
  void unsubscribe(ChannelKind kind, std::string_view channel, Milliseconds now);

  std::optional<ClientEvent> receive(LinkId id, MutableBytes& input, Milliseconds now);
  std::optional<ClientEvent> next_event();
  std::optional<Wish> next_wish();
  const Target& target(LinkId id) const { return links_[id]->target; }
  Buffer& output(LinkId id) { return links_[id]->output; }
  LinkId links() const { return static_cast<LinkId>(links_.size()); }

  void opened(LinkId id, Milliseconds now);
  void lost(LinkId id, Milliseconds now, std::string_view reason);
  Milliseconds deadline() const;
  void on_timer(Milliseconds now);

  bool up() const;
  int protocol() const;
  std::string_view refusal() const { return refusal_; }
  std::size_t queued_commands() const { return pending_.size(); }
  std::size_t queued_bytes() const { return pending_.bytes(); }
  const ClientUsage& usage() const { return usage_; }

 private:
  using Index = PendingTable::Index;
  using Purpose = Pending::Purpose;

  struct Link {
    enum class Role : std::uint8_t {
      kData,
      kSubscriber,  // beside a data link that speaks RESP2
      kSentinel,
    };
    Link(LinkId number, Role its_role, Target where, const ClientOptions& options,
         const Account& account, std::uint64_t random)
        : id(number),
          role(its_role),
          target(std::move(where)),
          connection(options, account, its_role == Role::kSubscriber, random),
          probe(options.probe_channel.empty() ? 0 : options.probe_interval) {}

    LinkId id;
    Role role;
    Target target;
    Connection connection;
    Buffer output;
    bool wanted = false;       // shall be connected
    bool open = false;         // the owner has or makes a transport
    bool usable = false;       // takes commands
    bool spare = false;        // leads nowhere any more: another may take its place
    bool seed = false;         // stands in the URL
    LinkId partner = kNoLink;  // the data link of a subscriber link, and the other way round

    std::vector<Channel*> batch;  // named by the commands that are being answered
    bool batch_asked = false;     // one batch is under way
    bool announces = false;       // a Sentinel that was asked for announcements
    bool batch_retry = false;     // somebody said that another try may succeed
    std::string batch_error;
    Milliseconds subscribe_at = 0;
    unsigned subscribe_retries = 0;
    std::size_t channels = 0;  // confirmed
    Channel* probe_channel = nullptr;
    Probe probe;
  };

  // An event with what it views.
  struct Queued {
    ClientEvent event;
    std::string text;
    std::string channel;
  };

  // ---- Links ----
  Link& add_link(Link::Role role, Target target);
  Link* link_to(const Address& address);
  [[nodiscard]] Link& data_link() const { return *links_[0]; }
  [[nodiscard]] bool is_node(const Link& link) const;
  void close_spare_links(Milliseconds now);
  void release_links();
  [[nodiscard]] bool may_connect(const Link& link) const;
  void tick(Link& link, Milliseconds now);
  void become_ready(Link& link, Milliseconds now);
  void become_usable(Link& link);
  void refused(Link& link, Milliseconds now);
  void close(Link& link, std::string_view reason, Milliseconds now);
  void after_loss(Link& link, std::string_view reason, Milliseconds now);
  void settle(Milliseconds now);
  void announce(std::string_view text);
  void push_event(const ClientEvent& event, std::string_view text = {},
                  std::string_view channel = {});

  // ---- Replies ----
  std::optional<ClientEvent> handle(Link& link, const Event& event, Milliseconds now);
  std::optional<ClientEvent> reply(Link& link, Index index, const Reply& reply, Milliseconds now);
  bool handle_error(Link& link, Index index, const Reply& error, Milliseconds now);
  bool follow(Link& link, Index index, const Redirect& redirect, Milliseconds now);
  bool follow_in_cluster(Link& link, Index index, const Redirect& redirect, Milliseconds now);
  void broken(Link& link, Index index, Error error, Milliseconds now);
  void unreadable(Link& link, Error error, Milliseconds now);
  static Address redirect_address(const Link& link, const Redirect& redirect);
  void own_reply(Link& link, Purpose purpose, const Reply& reply, Milliseconds now);

  // ---- Commands ----
  enum class Route : std::uint8_t { kReady, kWait, kRefused };
  Route route(const Pending& pending, Link*& link);
  Route route_in_cluster(const Pending& pending, Link*& link);
  void dispatch(Index index, Milliseconds now);
  void dispatch_waiting(Milliseconds now);
  void send(Link& link, Index index, Milliseconds now);
  void ask_own(Link& link, Purpose purpose, const Command& command, Milliseconds now);
  [[nodiscard]] bool asking(Purpose purpose) const;
  void retry_later(Index index, Milliseconds now);
  void give_back(Index index, Milliseconds now);
  void fail_command(Index index, Failure failure, bool may_have_run);
  void expire(Milliseconds now);
  void remove(Index index);
  Milliseconds random_part(Milliseconds longest) { return next_random(random_) % (longest + 1); }

  // ---- Topology ----
  void pursue_topology(Milliseconds now);
  void pursue_master(Milliseconds now);
  void pursue_slots(Milliseconds now);
  [[nodiscard]] Milliseconds topology_deadline() const;
  Link* find_open(Link::Role role);
  Link* least_tried(Link::Role role);
  Link* any_usable();
  void master_is(Link& sentinel, const Reply& reply, Milliseconds now);
  void switch_master(const Address& address, Milliseconds now);
  void role_is(Link& link, const Reply& reply, Milliseconds now);
  void slots_are(Link& link, const Reply& reply, Milliseconds now);
  void slot_is_at(std::uint16_t slot, const Address& address);

  // ---- Pub/sub ----
  Link* subscriber_of(Link& data);
  Link* link_for(const Channel& channel);
  void pump(Milliseconds now);
  enum class Taken : std::uint8_t { kYes, kNotYet, kNo };
  Taken take(Channel& channel, Milliseconds now);
  void send_batch(Link& link, Milliseconds now);
  std::optional<ClientEvent> push(Link& link, const Reply& push, Milliseconds now);
  std::optional<ClientEvent> message(Link& link, ChannelKind kind, const Reply& push);
  std::optional<ClientEvent> confirmed(Link& link, ChannelKind kind, std::string_view name,
                                       Milliseconds now);
  void left(Link& link, ChannelKind kind, std::string_view name);
  void subscription_error(Link& link, const Reply& error, Milliseconds now);
  void batch_done(Link& link, Milliseconds now);
  void turn_off(Channel& channel);
  void one_channel_less(Link& link);
  void forget_channels(Link& link);
  void start_probe(Link& link, const Channel& channel, Milliseconds now);
  void stop_probe(Link& link);
  void probe_tick(Link& link, Milliseconds now);

  enum class Announced : std::uint8_t { kNothing, kUp, kDown };

  ClientOptions options_;
  Account data_account_;
  Account sentinel_account_;
  std::string master_;  // its name
  std::uint64_t random_;

  std::vector<std::unique_ptr<Link>> links_;
  PendingTable pending_;
  std::vector<Index> waiting_;  // for a link, or for a time
  Milliseconds waiting_until_ = kNever;
  Channels channels_;
  Buffer scratch_;

  SlotTable slots_;
  std::vector<LinkId> node_links_;  // by node of slots_
  Milliseconds slots_at_ = 0;       // CLUSTER SLOTS not before this
  Milliseconds switch_at_ = 0;      // an announced master is hurried to not before this
  std::size_t seeds_ = 0;
  std::size_t failures_ = 0;          // of seeds, and of the master that they name, since up()
  std::size_t failures_told_ = 0;     // of them
  std::vector<std::string> reasons_;  // told since down

  std::string refusal_;
  std::deque<Queued> events_;
  Queued current_;
  std::deque<Wish> wishes_;
  ClientUsage usage_;

  std::array<std::uint8_t, 5> own_{};  // commands of ours that are under way, by purpose
  Topology topology_;
  Announced announced_ = Announced::kNothing;
  bool tls_;
  bool dirty_ = false;          // settle() has something to do
  bool slots_wanted_ = false;   // the table is to be read
  bool master_known_ = false;   // the target of the data link is to be tried
  bool sentinels_push_ = true;  // they speak RESP3, and can announce a new master
};

}  // namespace heliograph::resp
