// Who is the master, by its Sentinels; who has which slot, by the servers of the Cluster.
#include <algorithm>
#include <array>
#include <utility>

#include "resp/client_machine.hpp"
#include "resp/sentinel.hpp"

namespace heliograph::resp {

namespace {

// Between two readings of the table. Every client of a Cluster reads it when a server fails; a
// table that changes with every slot of a migration need not be read with every slot.
constexpr Milliseconds kBetweenReadings = 100;

constexpr std::array<std::string_view, 2> kClusterSlots = {"CLUSTER", "SLOTS"};

}  // namespace

void Client::Machine::pursue_topology(Milliseconds now) {
  if (topology_ == Topology::kSentinel) pursue_master(now);
  if (topology_ == Topology::kCluster) pursue_slots(now);
}

// When on_timer() has something to pursue that no link wakes it for.
Milliseconds Client::Machine::topology_deadline() const {
  if (topology_ == Topology::kCluster && slots_wanted_ && !asking(Purpose::kSlots)) {
    const bool waits_for_link = std::ranges::any_of(links_, [](const auto& link) {
      return link->role == Link::Role::kData && !link->spare && !link->usable &&
             (link->open || link->wanted);
    });
    const bool askable = std::ranges::any_of(
        links_, [](const auto& link) { return link->role == Link::Role::kData && link->usable; });
    return askable || !waits_for_link ? slots_at_ : kNever;
  }
  if (topology_ == Topology::kSentinel && !master_known_ && !asking(Purpose::kMaster)) {
    const bool askable = std::ranges::any_of(links_, [](const auto& link) {
      return link->usable && link->role == Link::Role::kSentinel;
    });
    return askable ? data_link().connection.deadline() : kNever;
  }
  return kNever;
}

Client::Machine::Link* Client::Machine::find_open(Link::Role role) {
  const auto open = std::ranges::find_if(
      links_, [role](const auto& link) { return link->open && link->role == role; });
  return open == links_.end() ? nullptr : open->get();
}

// Of those that are closed, whose turn to be tried comes first.
Client::Machine::Link* Client::Machine::least_tried(Link::Role role) {
  Link* first = nullptr;
  for (const auto& link : links_) {
    if (link->open || link->spare || link->role != role) continue;
    if (first == nullptr || link->connection.deadline() < first->connection.deadline()) {
      first = link.get();
    }
  }
  return first;
}

// In turn, so that a question that one server answers wrongly reaches another the next time.
Client::Machine::Link* Client::Machine::any_usable() {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    Link& link = *links_[(usage_.topology_reads + i) % links_.size()];
    if (link.usable && link.role == Link::Role::kData) return &link;
  }
  return nullptr;
}

// ---- Sentinel ----

// One Sentinel is asked when the master is not known, and stays connected for its announcements.
void Client::Machine::pursue_master(Milliseconds now) {
  Link* const sentinel = find_open(Link::Role::kSentinel);
  if (sentinel == nullptr) {
    if (master_known_ && !sentinels_push_) return;
    Link* const next = least_tried(Link::Role::kSentinel);
    next->wanted = true;
    return tick(*next, now);
  }
  const bool due = !master_known_ && now >= data_link().connection.deadline();
  if (!sentinel->usable || !due || asking(Purpose::kMaster)) return;
  const std::array<std::string_view, 3> question = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master_};
  ask_own(*sentinel, Purpose::kMaster, Command::other(question), now);
}

void Client::Machine::master_is(Link& sentinel, const Reply& reply, Milliseconds now) {
  const auto address = read_master_address(reply);
  if (!address || !*address) {
    ++failures_;
    return close(sentinel,
                 address ? "the Sentinel does not know the master" : describe(address.error()),
                 now);
  }
  ++usage_.topology_reads;
  if (!data_link().open) {
    data_link().target.address = **address;
    master_known_ = true;
    tick(data_link(), now);
  }
  sentinels_push_ = sentinel.connection.protocol() == 3;
  if (!sentinels_push_) return close(sentinel, "it has answered", now);
  if (std::exchange(sentinel.announces, true)) return;
  scratch_.clear();
  encode({"SUBSCRIBE", kSwitchMaster}, scratch_);
  sentinel.connection.subscriptions(scratch_.bytes(), now, sentinel.output);
}

// The newest master is remembered. A Sentinel that announces one after the other makes us connect
// no more often than back-off does.
void Client::Machine::switch_master(const Address& address, Milliseconds now) {
  Link& data = data_link();
  if (data.open && data.target.address == address) return;
  if (data.open) close(data, "another server is the master", now);
  data.target.address = address;
  if (now >= switch_at_) {
    switch_at_ = now + options_.first_backoff;
    data.connection.hurry(now);
  }
  master_known_ = true;
  tick(data, now);
}

void Client::Machine::role_is(Link& link, const Reply& reply, Milliseconds now) {
  if (read_role(reply) == Role::kMaster) return become_usable(link);
  close(link, "the server is no master", now);
}

// ---- Cluster ----

void Client::Machine::pursue_slots(Milliseconds now) {
  if (!slots_wanted_ || asking(Purpose::kSlots) || now < slots_at_) return;
  if (Link* const link = any_usable(); link != nullptr) {
    return ask_own(*link, Purpose::kSlots, Command::other(kClusterSlots), now);
  }
  if (find_open(Link::Role::kData) != nullptr) return;
  Link* const next = least_tried(Link::Role::kData);
  next->wanted = true;
  tick(*next, now);
}

void Client::Machine::slots_are(Link& link, const Reply& reply, Milliseconds now) {
  ++usage_.topology_reads;
  slots_at_ = now + kBetweenReadings;
  SlotTable table;
  std::vector<LinkId> node_links;
  auto read = table.read(reply, link.target.address.host);
  // Until the new table is whole, servers of the old one keep their links.
  release_links();
  for (const Address& address : table.nodes()) {
    const Link* const node_link = link_to(address);
    if (node_link == nullptr) {
      read = fail(Error::kBadTopology);
      break;
    }
    node_links.push_back(node_link->id);
  }
  if (!read) {
    ++failures_;
    return close(link, reply.is_error() ? reply.text() : describe(read.error()), now);
  }
  slots_ = std::move(table);
  slots_wanted_ = slots_.empty();
  if (slots_.empty()) ++failures_;
  node_links_.swap(node_links);
  dirty_ = true;
  announce(slots_.empty() ? "no server has slots" : to_text(link.target.address));
}

// MOVED. The rest of the table is read soon.
void Client::Machine::slot_is_at(std::uint16_t slot, const Address& address) {
  slots_wanted_ = dirty_ = true;
  const Link* const link = link_to(address);
  if (link == nullptr || !slots_.move(slot, address)) return;
  if (node_links_.size() < slots_.nodes().size()) node_links_.push_back(link->id);
}

}  // namespace heliograph::resp
