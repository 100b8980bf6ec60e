// Subscriptions of a client, on the data link if that speaks RESP3, else on one beside it.
//
//   wanted ──▶ in the line ──▶ batch of up to 512 ──▶ confirmed by pushes, one by one
//                  ▲                   │
//                  └── another try ◀───┴──▶ refused, once the PING behind the batch is answered
//
// A link has one batch at a time: channels that come meanwhile make the next one.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "resp/client_machine.hpp"
#include "resp/sentinel.hpp"

namespace heliograph::resp {

namespace {

using State = Channel::State;

// Longer ones would make a server that has many subscribers to serve after a restart answer nobody
// else meanwhile.
constexpr std::size_t kBatch = 512;

// After a batch that another try may help, doubled up to the longest.
constexpr Milliseconds kFirstRetry = 50;
constexpr unsigned kMostDoublings = 5;

std::string_view verb(const Channel& channel) {
  const bool joins = channel.state == State::kAsked;
  if (channel.kind == ChannelKind::kPlain) return joins ? "SUBSCRIBE" : "UNSUBSCRIBE";
  return joins ? "SSUBSCRIBE" : "SUNSUBSCRIBE";
}

// Channels of one command stand side by side: a Cluster refuses shard channels of several slots.
auto command_of(const Channel* channel) {
  const bool shard = channel->kind == ChannelKind::kShard;
  return std::tuple(verb(*channel), shard ? channel->slot : std::uint16_t{0});
}

// A channel of the same slot, served by the same server; empty if no name can be that.
std::string beside(std::string_view prefix, const Channel& channel) {
  std::string_view tag = channel.name;
  const std::size_t open = tag.find('{');
  const std::size_t close = tag.find('}', open == std::string_view::npos ? 0 : open + 1);
  if (open != std::string_view::npos && close != std::string_view::npos && close > open + 1) {
    tag = tag.substr(open + 1, close - open - 1);
  }
  std::string name(prefix);
  name.append("{").append(tag).append("}");
  return key_slot(name) == channel.slot ? name : std::string();
}

}  // namespace

// ---- What is wanted ----

bool Client::Machine::subscribe(ChannelKind kind, std::string_view name, Milliseconds now) {
  Channel* const channel = channels_.find_or_add(kind, name);
  if (channel == nullptr) return false;
  if (std::exchange(channel->wanted, true)) return true;
  if (topology_ == Topology::kCluster) channel->slot = key_slot(name);
  if (channel->state == State::kOff) channels_.queue(*channel);
  pump(now);
  return true;
}

void Client::Machine::unsubscribe(ChannelKind kind, std::string_view name, Milliseconds now) {
  Channel* const channel = channels_.find(kind, name);
  if (channel == nullptr) return;
  channel->wanted = false;
  if (channel->state == State::kOn) channels_.queue(*channel);
  channels_.settle(*channel);
  pump(now);
}

// ---- Batches ----

// Where SUBSCRIBE goes for a data link; null: not yet.
Client::Machine::Link* Client::Machine::subscriber_of(Link& data) {
  if (!data.usable) {
    data.wanted = true;
    return nullptr;
  }
  if (data.connection.protocol() == 3) return &data;
  if (data.partner == kNoLink) {
    Link& added = add_link(Link::Role::kSubscriber, data.target);
    added.partner = data.id;
    data.partner = added.id;
  }
  Link& subscriber = *links_[data.partner];
  if (!subscriber.open) subscriber.target = data.target;
  subscriber.wanted = true;
  return subscriber.usable ? &subscriber : nullptr;
}

Client::Machine::Link* Client::Machine::link_for(const Channel& channel) {
  if (channel.state == State::kOn) return links_[channel.link].get();
  if (topology_ != Topology::kCluster) return subscriber_of(data_link());
  const SlotTable::Node node = slots_.owner(channel.slot);
  if (node != SlotTable::kNoNode) return subscriber_of(*links_[node_links_[node]]);
  slots_wanted_ = true;
  return nullptr;
}

void Client::Machine::pump(Milliseconds now) {
  bool taken = false;
  for (std::size_t left = channels_.queued(); left > 0; --left) {
    const Taken result = take(channels_.next(), now);
    taken |= result == Taken::kYes;
    // With one server, what holds for this channel holds for those behind it.
    if (result == Taken::kNotYet && topology_ != Topology::kCluster) break;
  }
  if (!taken) return;
  for (const auto& link : links_) {
    if (!link->batch_asked && !link->batch.empty()) send_batch(*link, now);
  }
}

// Into the batch of its link, or to the end of the line.
Client::Machine::Taken Client::Machine::take(Channel& channel, Milliseconds now) {
  const bool joins = channel.wanted && channel.state == State::kOff;
  const bool leaves = !channel.wanted && channel.state == State::kOn;
  if (!joins && !leaves) {
    channels_.settle(channel);
    return Taken::kNo;
  }
  Link* const link = link_for(channel);
  const bool fits = link != nullptr && !link->batch_asked && link->batch.size() < kBatch &&
                    link->subscribe_at <= now && !channel.in_batch;
  if (!fits) {
    channels_.queue(channel);
    return Taken::kNotYet;
  }
  channel.state = joins ? State::kAsked : State::kLeaving;
  channel.link = link->id;
  channel.in_batch = true;
  link->batch.push_back(&channel);
  if (leaves) one_channel_less(*link);
  return Taken::kYes;
}

void Client::Machine::send_batch(Link& link, Milliseconds now) {
  std::ranges::sort(link.batch, {}, [](const Channel* channel) {
    return std::tuple_cat(command_of(channel), std::tuple(std::string_view(channel->name)));
  });
  scratch_.clear();
  std::vector<std::string_view> arguments;
  for (auto first = link.batch.begin(); first != link.batch.end();) {
    const auto same = [&](const Channel* c) { return command_of(c) == command_of(*first); };
    const auto last = std::find_if_not(first, link.batch.end(), same);
    arguments.assign(1, verb(**first));
    for (; first != last; ++first) arguments.push_back((*first)->name);
    encode(arguments, scratch_);
  }
  link.batch_asked = true;
  link.batch_retry = false;
  link.batch_error.clear();
  link.connection.subscriptions(scratch_.bytes(), now, link.output);
}

void Client::Machine::subscription_error(Link& link, const Reply& error, Milliseconds now) {
  const auto redirect = parse_redirect(error);
  if (!redirect) return close(link, describe(redirect.error()), now);
  if (!*redirect) {
    link.batch_error = error.text();
    return;
  }
  link.batch_retry = true;
  if (topology_ != Topology::kCluster) return;
  if ((*redirect)->kind != Redirect::Kind::kMoved) {
    slots_wanted_ = dirty_ = true;
    return;
  }
  ++usage_.redirects;
  slot_is_at((*redirect)->slot, redirect_address(link, **redirect));
}

// Those of the batch that are not confirmed by now never will be.
void Client::Machine::batch_done(Link& link, Milliseconds now) {
  link.batch_asked = false;
  const bool refused = !link.batch_retry && !link.batch_error.empty();
  bool again = false;
  for (Channel* const channel : std::exchange(link.batch, {})) {
    channel->in_batch = false;
    const bool unconfirmed = channel->state == State::kAsked;
    if (unconfirmed || channel->state == State::kLeaving) turn_off(*channel);
    if (unconfirmed && channel->wanted) {
      again |= !refused;
      channel->wanted = !refused;
      if (refused && !channel->probe) {
        push_event({.kind = ClientEvent::Kind::kRefused, .channel_kind = channel->kind},
                   link.batch_error, channel->name);
      }
    }
    if (channel->wanted && channel->state == State::kOff) channels_.queue(*channel);
    channels_.settle(*channel);
  }
  link.subscribe_retries = again ? std::min(link.subscribe_retries + 1, kMostDoublings) : 0;
  const Milliseconds longest = kFirstRetry << link.subscribe_retries;
  link.subscribe_at = again ? now + kFirstRetry + random_part(longest) : 0;
  dirty_ = true;
}

// ---- Pushes ----

std::optional<ClientEvent> Client::Machine::push(Link& link, const Reply& push, Milliseconds now) {
  std::string_view what = push[0].text();
  const Reply name = push[1];
  const ChannelKind kind =
      what.starts_with('s') && what != "subscribe" ? ChannelKind::kShard : ChannelKind::kPlain;
  if (kind == ChannelKind::kShard) what.remove_prefix(1);
  if (push.size() == 3 && name.is_string()) {
    if (what == "message") {
      if (link.role != Link::Role::kSentinel) return message(link, kind, push);
      const auto master = read_switch_master(push[2].text(), master_);
      if (master && name.text() == kSwitchMaster) switch_master(*master, now);
      return std::nullopt;
    }
    if (what == "subscribe") return confirmed(link, kind, name.text(), now);
    if (what == "unsubscribe") {
      left(link, kind, name.text());
      return std::nullopt;
    }
  }
  ++usage_.other_pushes;
  return std::nullopt;
}

std::optional<ClientEvent> Client::Machine::message(Link& link, ChannelKind kind,
                                                    const Reply& push) {
  const std::string_view name = push[1].text();
  Channel* const channel = channels_.find(kind, name);
  if (channel == nullptr) ++usage_.unknown_channels;
  if (channel == nullptr || !channel->wanted || !push[2].is_string()) return std::nullopt;
  if (channel->probe) {
    link.probe.heard(push[2].text());
    return std::nullopt;
  }
  return ClientEvent{.kind = ClientEvent::Kind::kMessage,
                     .channel_kind = kind,
                     .channel = name,
                     .text = push[2].text()};
}

std::optional<ClientEvent> Client::Machine::confirmed(Link& link, ChannelKind kind,
                                                      std::string_view name, Milliseconds now) {
  Channel* const channel = channels_.find(kind, name);
  if (channel == nullptr || channel->state != State::kAsked || channel->link != link.id) {
    if (link.role != Link::Role::kSentinel) ++usage_.unknown_channels;
    return std::nullopt;
  }
  channel->state = State::kOn;
  ++link.channels;
  if (!channel->wanted) {
    channels_.queue(*channel);
    return std::nullopt;
  }
  start_probe(link, *channel, now);
  if (channel->probe) return std::nullopt;
  return ClientEvent{.kind = ClientEvent::Kind::kSubscribed, .channel_kind = kind, .channel = name};
}

// Asked for, or because the slot has moved away.
void Client::Machine::left(Link& link, ChannelKind kind, std::string_view name) {
  Channel* const channel = channels_.find(kind, name);
  const bool known = channel != nullptr && channel->link == link.id &&
                     (channel->state == State::kOn || channel->state == State::kLeaving);
  if (!known) {
    ++usage_.unknown_channels;
    return;
  }
  turn_off(*channel);
  if (channel->wanted) {
    channels_.queue(*channel);
    if (topology_ == Topology::kCluster) slots_wanted_ = true;
  }
  dirty_ = true;
  channels_.settle(*channel);
}

void Client::Machine::turn_off(Channel& channel) {
  Link& link = *links_[channel.link];
  const bool was_on = channel.state == State::kOn;
  channel.state = State::kOff;
  channel.link = kNoLink;
  if (link.probe_channel == &channel) stop_probe(link);
  if (was_on) one_channel_less(link);
}

// A probe that is alone has nothing to watch over.
void Client::Machine::one_channel_less(Link& link) {
  --link.channels;
  Channel* const probe = link.probe_channel;
  if (link.channels != 1 || probe == nullptr || probe->state != State::kOn) return;
  probe->wanted = false;
  channels_.queue(*probe);
  dirty_ = true;
}

// The link is down: all its channels are to be subscribed to again.
void Client::Machine::forget_channels(Link& link) {
  for (Channel* const channel : std::exchange(link.batch, {})) {
    channel->in_batch = false;
    channels_.settle(*channel);
  }
  link.batch_asked = false;
  link.subscribe_at = 0;
  link.probe.stop();
  link.probe_channel = nullptr;
  link.channels = 0;
  std::vector<Channel*> off;
  channels_.for_each([&](Channel& channel) {
    if (channel.link != link.id) return;
    channel.state = State::kOff;
    channel.link = kNoLink;
    if (channel.probe) channel.wanted = false;
    off.push_back(&channel);
  });
  for (Channel* const channel : off) {
    if (channel->wanted) channels_.queue(*channel);
    channels_.settle(*channel);
  }
}

// ---- Probes ----

void Client::Machine::start_probe(Link& link, const Channel& channel, Milliseconds now) {
  if (options_.probe_channel.empty()) return;
  if (channel.probe) {
    link.probe.start(now);
    return;
  }
  if (link.probe_channel != nullptr) return;
  const bool cluster = topology_ == Topology::kCluster;
  const std::string name =
      cluster ? beside(options_.probe_channel, channel) : options_.probe_channel;
  Channel* const probe = name.empty() ? nullptr : channels_.find_or_add(channel.kind, name);
  // One that moves from another link serves this one after its next confirmation.
  if (probe == nullptr || probe->state != State::kOff) return;
  probe->wanted = probe->probe = true;
  probe->slot = channel.slot;
  link.probe_channel = probe;
  channels_.queue(*probe);
  dirty_ = true;
}

void Client::Machine::stop_probe(Link& link) {
  link.probe.stop();
  link.probe_channel = nullptr;
}

void Client::Machine::probe_tick(Link& link, Milliseconds now) {
  switch (link.probe.on_timer(now)) {
    case Probe::Action::kNothing:
      break;
    case Probe::Action::kDeaf:
      ++usage_.probes_missed;
      close(link, "the subscription is deaf", now);
      break;
    case Probe::Action::kSend: {
      const Channel& channel = *link.probe_channel;
      const std::string number = std::to_string(link.probe.number());
      Link& data = link.role == Link::Role::kData ? link : *links_[link.partner];
      ask_own(data, Purpose::kProbe,
              channel.kind == ChannelKind::kShard ? Command::spublish(channel.name, number)
                                                  : Command::publish(channel.name, number),
              now);
      break;
    }
  }
}

}  // namespace heliograph::resp
