// Who has which name: one shard of it, kept by the home worker of its names. The home worker is the
// one place that decides, so of two logins with one name exactly one wins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "signal/address.hpp"

namespace heliograph::signal {

// Names are bytes and nothing more: `toString` and `__proto__` are names like any other.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>{}(name);
  }
};

class Directory {
 public:
  // True if the name was free, or is the claimant's already.
  [[nodiscard]] bool claim(std::string_view name, const Address& claimant);
  // Frees the name if `owner` has it; false, and nothing done, otherwise.
  bool release(std::string_view name, const Address& owner);
  [[nodiscard]] std::optional<Address> find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return owners_.size(); }

 private:
  std::unordered_map<std::string, Address, NameHash, std::equal_to<>> owners_;
};

// The worker whose directory decides about `name`. `workers` is at least 1.
std::uint32_t home_worker(std::string_view name, std::uint32_t workers);

}  // namespace heliograph::signal
