#include "resp/channels.hpp"

#include <utility>

namespace heliograph::resp {

Channel* Channels::find(ChannelKind kind, std::string_view name) {
  const auto found = map(kind).find(name);
  return found == map(kind).end() ? nullptr : found->second.get();
}

Channel* Channels::find_or_add(ChannelKind kind, std::string_view name) {
  if (Channel* const known = find(kind, name); known != nullptr) return known;
  if (size() >= kMost) return nullptr;
  auto channel = std::make_unique<Channel>();
  channel->name = name;
  channel->kind = kind;
  Channel* const added = channel.get();
  map(kind).emplace(added->name, std::move(channel));
  return added;
}

void Channels::queue(Channel& channel) {
  if (std::exchange(channel.queued, true)) return;
  line_.push_back(&channel);
}

Channel& Channels::next() {
  Channel& channel = *line_.front();
  line_.pop_front();
  channel.queued = false;
  return channel;
}

void Channels::settle(Channel& channel) {
  const bool in_use = channel.wanted || channel.queued || channel.in_batch;
  if (in_use || channel.state != Channel::State::kOff) return;
  // The key of the map views the name.
  const auto found = map(channel.kind).find(channel.name);
  const std::unique_ptr<Channel> last = std::move(found->second);
  map(channel.kind).erase(found);
}

}  // namespace heliograph::resp
