#include "resp/cluster.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  constexpr std::uint16_t kPolynomial = 0x1021;
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000) != 0 ? crc << 1 ^ kPolynomial : crc << 1;
    }
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr std::array<std::uint16_t, 256> kCrcTable = make_crc_table();

std::uint16_t crc16(std::string_view text) {
  std::uint16_t crc = 0;
  for (const char c : text) {
    const auto index = static_cast<std::uint8_t>(crc >> 8 ^ static_cast<std::uint8_t>(c));
    crc = static_cast<std::uint16_t>(crc << 8 ^ kCrcTable[index]);
  }
  return crc;
}

std::string_view hash_tag(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

struct Range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Address address = {};
};

Result<std::uint16_t, Error> read_number(const Reply& reply, std::uint16_t limit) {
  const std::int64_t number = reply.integer();
  if (reply.type() != Type::kInteger || number < 0 || number > limit) {
    return fail(Error::kBadTopology);
  }
  return static_cast<std::uint16_t>(number);
}

// [host, port, id, …]; the host of a server that does not know its own name is null, "" or "?".
Result<Address, Error> read_node(const Reply& reply, std::string_view asked) {
  const auto port = read_number(reply[1], std::numeric_limits<std::uint16_t>::max());
  if (!port || *port == 0) return fail(Error::kBadTopology);
  const Reply host = reply[0];
  if (host.is_null() || (host.is_string() && (host.text().empty() || host.text() == "?"))) {
    return Address{.host = std::string(asked), .port = *port};
  }
  if (!host.is_string() || !is_host(host.text())) return fail(Error::kBadTopology);
  return Address{.host = std::string(host.text()), .port = *port};
}

// [first slot, last slot, master, replica…]
Result<Range, Error> read_range(const Reply& reply, std::string_view asked) {
  const auto first = read_number(reply[0], kSlotCount - 1);
  const auto last = read_number(reply[1], kSlotCount - 1);
  if (!first || !last || *first > *last) return fail(Error::kBadTopology);
  auto address = read_node(reply[2], asked);
  if (!address) return fail(address.error());
  return Range{*first, *last, *std::move(address)};
}

}  // namespace

std::uint16_t key_slot(std::string_view key) {
  return crc16(hash_tag(key)) % kSlotCount;
}

Result<void, Error> SlotTable::read(const Reply& reply, std::string_view asked) {
  if (reply.type() != Type::kArray) return fail(Error::kBadTopology);
  SlotTable table;
  table.owners_.assign(kSlotCount, kNoNode);
  for (const Reply entry : reply.children()) {
    const auto range = read_range(entry, asked);
    if (!range) return fail(range.error());
    const Node node = table.find_or_add(range->address);
    if (node == kNoNode) return fail(Error::kBadTopology);
    for (std::size_t slot = range->first; slot <= range->last; ++slot) {
      if (table.owners_[slot] != kNoNode) return fail(Error::kBadTopology);
      table.owners_[slot] = node;
    }
  }
  *this = std::move(table);
  return {};
}

bool SlotTable::move(std::uint16_t slot, const Address& address) {
  if (owners_.empty()) owners_.assign(kSlotCount, kNoNode);
  const Node node = find_or_add(address);
  if (node == kNoNode) return false;
  owners_[slot] = node;
  return true;
}

SlotTable::Node SlotTable::find_or_add(const Address& address) {
  const auto found = std::ranges::find(nodes_, address);
  if (found == nodes_.end() && nodes_.size() >= kMostNodes) return kNoNode;
  const auto node = static_cast<Node>(found - nodes_.begin());
  if (found == nodes_.end()) nodes_.push_back(address);
  return node;
}

}  // namespace heliograph::resp
