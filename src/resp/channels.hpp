// The channels that a client shall be subscribed to, and where it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "resp/pending.hpp"

namespace heliograph::resp {

// SUBSCRIBE, or SSUBSCRIBE: in a Cluster a shard channel is served by the server of its slot alone.
enum class ChannelKind : std::uint8_t { kPlain, kShard };

struct Channel {
  enum class State : std::uint8_t {
    kOff,
    kAsked,    // SUBSCRIBE is under way
    kOn,       // confirmed
    kLeaving,  // UNSUBSCRIBE is under way
  };
  std::string name = {};
  ChannelKind kind = ChannelKind::kPlain;
  State state = State::kOff;
  bool wanted = false;
  bool probe = false;     // carries our own messages to ourselves
  bool queued = false;    // in the line of those whose state is not what is wanted
  bool in_batch = false;  // named by a command whose answers have not all come
  std::uint16_t slot = 0;
  LinkId link = kNoLink;  // unless kOff
};

class Channels {
 public:
  // One more is refused: each costs memory here and at the server, and time after each loss.
  static constexpr std::size_t kMost = 100'000;

  [[nodiscard]] Channel* find(ChannelKind kind, std::string_view name);
  // Null if there are too many.
  Channel* find_or_add(ChannelKind kind, std::string_view name);
  [[nodiscard]] std::size_t size() const {
    return map(ChannelKind::kPlain).size() + shards_.size();
  }

  // To the end of the line, unless it stands in it.
  void queue(Channel& channel);
  // How many are in the line, and the first of them, who leaves it.
  [[nodiscard]] std::size_t queued() const { return line_.size(); }
  Channel& next();
  // Forgets a channel that is neither wanted nor in use.
  void settle(Channel& channel);

  // Calls `use` with each channel; it must not add or remove any.
  template <class Use>
  void for_each(Use use) {
    for (auto& [name, channel] : plain_) use(*channel);
    for (auto& [name, channel] : shards_) use(*channel);
  }

 private:
  // Heap objects: the line and the batches point to them.
  using Map = std::unordered_map<std::string_view, std::unique_ptr<Channel>>;
  [[nodiscard]] Map& map(ChannelKind kind) {
    return kind == ChannelKind::kPlain ? plain_ : shards_;
  }
  [[nodiscard]] const Map& map(ChannelKind kind) const {
    return kind == ChannelKind::kPlain ? plain_ : shards_;
  }

  Map plain_;
  Map shards_;
  std::deque<Channel*> line_;
};

}  // namespace heliograph::resp
