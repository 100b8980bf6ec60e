// Where a user's connection is: which node, which of its workers, which connection there.
#pragma once

#include <compare>
#include <cstdint>

namespace heliograph::signal {

struct Address {
  std::uint32_t node = 0;
  std::uint32_t worker = 0;
  // Opaque here. Never used for two connections, so that a late letter cannot reach a stranger.
  std::uint64_t connection = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
};

}  // namespace heliograph::signal
