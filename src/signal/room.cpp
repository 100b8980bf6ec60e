#include "signal/room.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::signal {

Rooms::Joined Rooms::join(std::string_view room, std::string_view name, const Address& address) {
  std::vector<RoomMember>& members = rooms_[std::string(room)];
  if (std::ranges::find(members, address, &RoomMember::address) != members.end()) {
    return Joined::kAlready;
  }
  if (members.size() >= kMaxRoomMembers) return Joined::kFull;
  members.push_back({.name = std::string(name), .address = address});
  return Joined::kNew;
}

std::optional<std::string> Rooms::part(std::string_view room, const Address& address) {
  const auto entry = rooms_.find(room);
  if (entry == rooms_.end()) return std::nullopt;
  std::vector<RoomMember>& members = entry->second;
  const auto member = std::ranges::find(members, address, &RoomMember::address);
  if (member == members.end()) return std::nullopt;
  std::string name = std::move(member->name);
  members.erase(member);
  if (members.empty()) rooms_.erase(entry);
  return name;
}

std::span<const RoomMember> Rooms::members(std::string_view room) const {
  const auto entry = rooms_.find(room);
  if (entry == rooms_.end()) return {};
  return entry->second;
}

}  // namespace heliograph::signal
