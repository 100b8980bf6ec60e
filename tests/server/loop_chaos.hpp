// A world in which everything goes wrong for a while: calls fail, transfers are cut short, clients
// stall, hang up, reset, and say what is no WebSocket; upgrades are decided late, clients closed.
// Then everybody behaves, and in the end nothing may be left.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace heliograph::server::test {

// A number below `limit`. Zeros make the world a quiet one.
using Choose = std::function<std::size_t(std::size_t limit)>;

// What went wrong; "" if nothing did. The same choices lead to the same world.
std::string play_chaos(const Choose& choose);

}  // namespace heliograph::server::test
