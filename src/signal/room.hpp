// Rooms, in which everybody knows of everybody: one shard of them, kept by the home worker of their
// names. A room is there as long as somebody is in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signal/address.hpp"
#include "signal/directory.hpp"

namespace heliograph::signal {

// Every member calls every other one, and each news goes to all: a room without a bound would let
// one message cause as many as there are users.
inline constexpr std::size_t kMaxRoomMembers = 16;

struct RoomMember {
  std::string name;
  Address address;

  friend bool operator==(const RoomMember&, const RoomMember&) = default;
};

class Rooms {
 public:
  enum class Joined : std::uint8_t { kNew, kAlready, kFull };

  Joined join(std::string_view room, std::string_view name, const Address& address);
  // The name of who is gone; nothing if there is no such member.
  std::optional<std::string> part(std::string_view room, const Address& address);
  // In the order in which they joined; empty if there is no such room.
  [[nodiscard]] std::span<const RoomMember> members(std::string_view room) const;
  [[nodiscard]] std::size_t size() const { return rooms_.size(); }

 private:
  std::unordered_map<std::string, std::vector<RoomMember>, NameHash, std::equal_to<>> rooms_;
};

}  // namespace heliograph::signal
