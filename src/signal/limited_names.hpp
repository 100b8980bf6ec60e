// So many names and no more: what a session watches, the rooms that it is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heliograph::signal {

// Each costs memory at the home worker of the name, and a letter for every change.
inline constexpr std::size_t kMaxWatchedNames = 128;
inline constexpr std::size_t kMaxRoomsOfSession = 8;

class LimitedNames {
 public:
  enum class Added : std::uint8_t { kNew, kAlready, kTooMany };

  explicit LimitedNames(std::size_t max) : max_(max) {}

  Added add(std::string_view name) {
    if (contains(name)) return Added::kAlready;
    if (names_.size() >= max_) return Added::kTooMany;
    names_.emplace(name);
    return Added::kNew;
  }
  // False if it was not there.
  bool remove(std::string_view name) {
    const auto entry = names_.find(name);
    if (entry == names_.end()) return false;
    names_.erase(entry);
    return true;
  }
  [[nodiscard]] bool contains(std::string_view name) const { return names_.contains(name); }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  // All of them; none are left.
  std::vector<std::string> take() {
    std::vector<std::string> taken(names_.begin(), names_.end());
    names_.clear();
    return taken;
  }

 private:
  std::set<std::string, std::less<>> names_;
  std::size_t max_;
};

}  // namespace heliograph::signal
