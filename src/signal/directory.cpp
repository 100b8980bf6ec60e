#include "signal/directory.hpp"

namespace heliograph::signal {

bool Directory::claim(std::string_view name, const Address& claimant) {
  const auto [entry, inserted] = owners_.try_emplace(std::string(name), claimant);
  return inserted || entry->second == claimant;
}

bool Directory::release(std::string_view name, const Address& owner) {
  const auto entry = owners_.find(name);
  if (entry == owners_.end() || entry->second != owner) return false;
  owners_.erase(entry);
  return true;
}

std::optional<Address> Directory::find(std::string_view name) const {
  const auto entry = owners_.find(name);
  if (entry == owners_.end()) return std::nullopt;
  return entry->second;
}

std::uint32_t home_worker(std::string_view name, std::uint32_t workers) {
  return static_cast<std::uint32_t>(NameHash{}(name) % workers);
}

}  // namespace heliograph::signal
