// Which server of a Cluster has which key: the slot of a key, and the table of slots, which CLUSTER
// SLOTS fills and every MOVED corrects.
//
// Specification: Redis Cluster specification, "Key distribution model"; command CLUSTER SLOTS.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resp/error.hpp"
#include "resp/redirect.hpp"
#include "resp/url.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

// CRC16 (XMODEM) of the key, or of its hash tag: what is between the first '{' and the next '}', if
// that is not empty.
std::uint16_t key_slot(std::string_view key);

class SlotTable {
 public:
  using Node = std::uint16_t;
  static constexpr Node kNoNode = 0xffff;
  // Servers of one Cluster. Each may cost a connection; more than a Cluster is made for.
  static constexpr std::size_t kMostNodes = 1000;

  // Takes the masters of a reply to CLUSTER SLOTS. `asked` is the host that gave it: servers that
  // do not know their own name have the same. An error leaves the table as it was. Ranges that
  // overlap are one: a short reply that names all slots again and again would keep us busy.
  Result<void, Error> read(const Reply& reply, std::string_view asked);

  // MOVED. False: there are too many nodes.
  bool move(std::uint16_t slot, const Address& address);

  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] Node owner(std::uint16_t slot) const { return empty() ? kNoNode : owners_[slot]; }
  // Node n is at nodes()[n]. Numbers change with each read().
  [[nodiscard]] const std::vector<Address>& nodes() const { return nodes_; }

 private:
  Node find_or_add(const Address& address);

  std::vector<Node> owners_;
  std::vector<Address> nodes_;
};

}  // namespace heliograph::resp
