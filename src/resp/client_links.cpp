// Transports of a client: made on request, used when their handshake is done, lost. And time.
#include <algorithm>
#include <utility>

#include "resp/client_machine.hpp"

namespace heliograph::resp {

namespace {

// The servers of two tables, and some that redirects name. Each link costs memory and may cost a
// connection, and a server can name ever new ones.
constexpr std::size_t kMostLinks = 2 * SlotTable::kMostNodes + 64;

// That are told in the time that we are down. Some are texts of servers, which may choose ever new
// ones to fill our log.
constexpr std::size_t kMostReasons = 8;

}  // namespace

Client::Machine::Machine(const Url& url, ClientOptions options, std::uint64_t seed)
    : options_(std::move(options)),
      data_account_{.user = url.user, .password = url.password, .database = url.database},
      sentinel_account_{.user = options_.sentinel_user, .password = options_.sentinel_password},
      master_(url.master),
      random_(seed),
      topology_(url.topology),
      tls_(url.tls) {
  if (topology_ != Topology::kSingle) {
    options_.setup_deadline = options_.short_setup_deadline;
    options_.longest_backoff = options_.longest_failover_backoff;
  }

  std::vector<Address> addresses = {{.host = url.host, .port = url.port}};
  addresses.insert(addresses.end(), url.more.begin(), url.more.end());
  seeds_ = addresses.size();
  if (topology_ == Topology::kSentinel) add_link(Link::Role::kData, {.tls = tls_});
  const auto role = topology_ == Topology::kSentinel ? Link::Role::kSentinel : Link::Role::kData;
  for (Address& address : addresses) {
    add_link(role, {.address = std::move(address), .path = url.path, .tls = tls_}).seed = true;
  }
  data_link().wanted = topology_ != Topology::kCluster;
  slots_wanted_ = topology_ == Topology::kCluster;
  dirty_ = true;
}

// ---- Links ----

// Takes the place of one that leads nowhere any more.
Client::Machine::Link& Client::Machine::add_link(Link::Role role, Target target) {
  const Account& account = role == Link::Role::kSentinel ? sentinel_account_ : data_account_;
  auto place = std::ranges::find_if(links_, [](const auto& link) { return link->spare; });
  const auto id = static_cast<LinkId>(place - links_.begin());
  auto link =
      std::make_unique<Link>(id, role, std::move(target), options_, account, next_random(random_));
  if (place == links_.end()) {
    links_.push_back(std::move(link));
  } else {
    *place = std::move(link);
  }
  return *links_[id];
}

// The data link to a server of the Cluster. Null: there are too many.
Client::Machine::Link* Client::Machine::link_to(const Address& address) {
  bool room = links_.size() < kMostLinks;
  for (const auto& link : links_) {
    room |= link->spare;
    if (link->role != Link::Role::kData || link->spare) continue;
    if (link->target.address == address) return link.get();
  }
  return room ? &add_link(Link::Role::kData, {.address = address, .tls = tls_}) : nullptr;
}

bool Client::Machine::is_node(const Link& link) const {
  return std::ranges::find(node_links_, link.id) != node_links_.end();
}

// Closes links to servers that the Cluster does not have any more, once nothing is under way there.
void Client::Machine::close_spare_links(Milliseconds now) {
  // As long as no other is connected, a server of the URL is better than none.
  const bool connected =
      std::ranges::any_of(node_links_, [this](LinkId id) { return links_[id]->usable; });
  if (topology_ != Topology::kCluster || !connected) return;
  for (const auto& link : links_) {
    const bool idle = link->connection.idle() && !link->wanted;
    if (link->role != Link::Role::kData || !link->usable || !idle || is_node(*link)) continue;
    close(*link, "the server has no slots", now);
  }
}

// Others may take the places of closed links to such servers.
void Client::Machine::release_links() {
  if (topology_ != Topology::kCluster) return;
  for (const auto& link : links_) {
    if (link->role != Link::Role::kData || link->spare || link->seed) continue;
    if (link->open || link->wanted || is_node(*link)) continue;
    link->spare = true;
    if (link->partner != kNoLink) links_[link->partner]->spare = true;
  }
  // A command that was to be sent there goes to the server of its slot again.
  for (const Index index : waiting_) {
    LinkId& ask = pending_[index].ask;
    if (ask != kNoLink && links_[ask]->spare) ask = kNoLink;
  }
}

bool Client::Machine::may_connect(const Link& link) const {
  if (!link.wanted || link.spare) return false;
  if (link.role == Link::Role::kSubscriber) return links_[link.partner]->usable;
  return topology_ != Topology::kSentinel || link.role != Link::Role::kData || master_known_;
}

void Client::Machine::opened(LinkId id, Milliseconds now) {
  Link& link = *links_[id];
  if (link.open) link.connection.opened(now, link.output);
}

void Client::Machine::become_ready(Link& link, Milliseconds now) {
  if (link.role == Link::Role::kData && topology_ == Topology::kSentinel) {
    ask_own(link, Purpose::kRole, Command::role(), now);
  } else {
    become_usable(link);
  }
}

void Client::Machine::become_usable(Link& link) {
  link.usable = true;
  dirty_ = true;
  if (topology_ == Topology::kCluster && link.role == Link::Role::kData) link.wanted = false;
  if (link.role != Link::Role::kData) return;
  refusal_.clear();
  announce(link.target.path.empty() ? to_text(link.target.address) : link.target.path);
}

void Client::Machine::refused(Link& link, Milliseconds now) {
  refusal_ = link.connection.refusal();
  close(link, refusal_, now);
}

void Client::Machine::lost(LinkId id, Milliseconds now, std::string_view reason) {
  Link& link = *links_[id];
  if (!std::exchange(link.open, false)) return;
  link.connection.lost(now);
  after_loss(link, reason, now);
  settle(now);
}

void Client::Machine::close(Link& link, std::string_view reason, Milliseconds now) {
  if (std::exchange(link.open, false)) {
    wishes_.push_back({.kind = Wish::Kind::kClose, .link = link.id});
  }
  link.connection.lost(now);
  after_loss(link, reason, now);
}

void Client::Machine::after_loss(Link& link, std::string_view reason, Milliseconds now) {
  const bool was_usable = std::exchange(link.usable, false);
  link.announces = false;
  link.output.release();
  forget_channels(link);
  while (const auto token = link.connection.next_unanswered()) {
    give_back(static_cast<Index>(*token), now);
  }
  if (link.role == Link::Role::kData && link.partner != kNoLink) {
    Link& subscriber = *links_[link.partner];
    if (subscriber.open) close(subscriber, reason, now);
  }
  if (topology_ == Topology::kSentinel && link.role == Link::Role::kData) master_known_ = false;
  if (topology_ == Topology::kCluster && link.role == Link::Role::kData) {
    link.wanted = false;
    if (is_node(link) || slots_.empty()) slots_wanted_ = true;
  }
  if (link.role == Link::Role::kSentinel) link.wanted = false;
  const bool leads_up =
      link.seed || (topology_ == Topology::kSentinel && link.role == Link::Role::kData);
  if (leads_up && !was_usable) ++failures_;
  dirty_ = true;
  announce(reason);
}

// Does what a change of links, of topology or of time has made possible.
void Client::Machine::settle(Milliseconds now) {
  while (std::exchange(dirty_, false)) {
    pursue_topology(now);
    dispatch_waiting(now);
    pump(now);
  }
}

// ---- Events ----

bool Client::Machine::up() const {
  if (topology_ != Topology::kCluster) return data_link().usable;
  return !slots_.empty() && std::ranges::any_of(links_, [](const auto& link) {
    return link->usable && link->role == Link::Role::kData;
  });
}

int Client::Machine::protocol() const {
  const auto usable = std::ranges::find_if(
      links_, [](const auto& link) { return link->usable && link->role == Link::Role::kData; });
  return usable == links_.end() ? 0 : (*usable)->connection.protocol();
}

// Every state once, and while down every reason of a further failure once, but not with every
// attempt.
void Client::Machine::announce(std::string_view text) {
  const bool none_left = topology_ == Topology::kSingle || failures_ >= seeds_ || !refusal_.empty();
  const bool failed_again = std::exchange(failures_told_, failures_) != failures_;
  Announced state = announced_;
  if (up()) {
    state = Announced::kUp;
    failures_ = failures_told_ = 0;
  } else if (announced_ == Announced::kUp || none_left) {
    state = Announced::kDown;
  }
  const bool is_up = state == Announced::kUp;
  const bool changed = std::exchange(announced_, state) != state;
  if (changed) reasons_.clear();
  const bool new_reason = state == Announced::kDown && failed_again &&
                          reasons_.size() < kMostReasons &&
                          std::ranges::find(reasons_, text) == reasons_.end();
  if (!changed && !new_reason) return;
  if (!is_up) reasons_.emplace_back(text);
  push_event({.kind = is_up ? ClientEvent::Kind::kUp : ClientEvent::Kind::kDown}, text);
}

void Client::Machine::push_event(const ClientEvent& event, std::string_view text,
                                 std::string_view channel) {
  events_.push_back({event, std::string(text), std::string(channel)});
}

std::optional<ClientEvent> Client::Machine::next_event() {
  if (events_.empty()) return std::nullopt;
  current_ = std::move(events_.front());
  events_.pop_front();
  current_.event.text = current_.text;
  current_.event.channel = current_.channel;
  return current_.event;
}

std::optional<Wish> Client::Machine::next_wish() {
  if (wishes_.empty()) return std::nullopt;
  const Wish wish = wishes_.front();
  wishes_.pop_front();
  return wish;
}

// ---- Time ----

Milliseconds Client::Machine::deadline() const {
  if (dirty_) return 0;
  Milliseconds earliest = std::min(waiting_until_, topology_deadline());
  if (pending_.oldest() != PendingTable::kNone) {
    earliest = std::min(earliest, pending_[pending_.oldest()].deadline);
  }
  for (const auto& link : links_) {
    if (link->open || may_connect(*link))
      earliest = std::min(earliest, link->connection.deadline());
    if (!link->usable) continue;
    earliest = std::min(earliest, link->probe.deadline());
    if (channels_.queued() > 0 && link->subscribe_at > 0 && !link->batch_asked) {
      earliest = std::min(earliest, link->subscribe_at);
    }
  }
  return earliest;
}

void Client::Machine::on_timer(Milliseconds now) {
  expire(now);
  for (const auto& link : links_) {
    tick(*link, now);
    probe_tick(*link, now);
    if (link->subscribe_at <= now) link->subscribe_at = 0;
  }
  dirty_ = true;
  settle(now);
  close_spare_links(now);
  release_links();
}

void Client::Machine::tick(Link& link, Milliseconds now) {
  if ((!link.open && !may_connect(link)) || now < link.connection.deadline()) return;
  switch (link.connection.on_timer(now, link.output)) {
    case Action::kNothing:
      break;
    case Action::kConnect:
      link.open = true;
      ++usage_.connects;
      wishes_.push_back({.kind = Wish::Kind::kConnect, .link = link.id});
      break;
    case Action::kClose:
      close(link, "no answer in time", now);
      break;
  }
}

}  // namespace heliograph::resp
