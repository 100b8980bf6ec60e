#include "server/address_counts.hpp"

#include "signal/throttle.hpp"

namespace heliograph::server {

namespace {

std::string key_of(const net::HostAddress& address) {
  return std::string(signal::AddressKey(address.bytes()).text());
}

// The /48 of an IPv6 address; nothing for others.
std::string network_of(const net::HostAddress& address) {
  constexpr std::size_t kIpv6Size = 16;
  constexpr std::size_t kNetworkSize = 6;
  const Bytes bytes = address.bytes();
  return bytes.size() == kIpv6Size ? std::string(as_text(bytes.first(kNetworkSize))) : "";
}

}  // namespace

std::string_view describe(Admission admission) {
  switch (admission) {
    case Admission::kAdmitted:
      return "admitted";
    case Admission::kTooManyConnections:
      return "too many connections";
    case Admission::kTooManyOfAddress:
      return "too many connections of one address";
    case Admission::kTooManyOfNetwork:
      return "too many connections of one network";
    case Admission::kTooManyHandshakes:
      return "too many unfinished handshakes";
    case Admission::kTooManyHandshakesOfAddress:
      return "too many unfinished handshakes of one address";
  }
  return {};
}

Admission AddressCounts::admit(const net::HostAddress& address, const Limits& limits) {
  const std::string key = key_of(address);
  const auto known = by_address_.find(key);
  const Counts of_address = known == by_address_.end() || key.empty() ? Counts() : known->second;
  if (total_.connections >= limits.connections) return Admission::kTooManyConnections;
  if (of_address.connections >= limits.connections_per_address) {
    return Admission::kTooManyOfAddress;
  }
  const std::string network = network_of(address);
  const auto neighbours = by_network_.find(network);
  const std::size_t of_network =
      std::max(limits.connections_per_network, limits.connections_per_address);
  if (neighbours != by_network_.end() && neighbours->second >= of_network) {
    return Admission::kTooManyOfNetwork;
  }
  if (of_address.handshakes >= limits.handshakes_per_address) {
    return Admission::kTooManyHandshakesOfAddress;
  }
  if (total_.handshakes >= limits.handshakes) return Admission::kTooManyHandshakes;
  if (!network.empty()) ++by_network_[network];
  Counts& counts = by_address_[key];
  ++counts.connections;
  ++counts.handshakes;
  ++total_.connections;
  ++total_.handshakes;
  return Admission::kAdmitted;
}

void AddressCounts::handshake_ended(const net::HostAddress& address) {
  const auto counts = by_address_.find(key_of(address));
  if (counts == by_address_.end()) return;
  --counts->second.handshakes;
  --total_.handshakes;
}

void AddressCounts::left(const net::HostAddress& address) {
  const auto counts = by_address_.find(key_of(address));
  if (counts == by_address_.end()) return;
  --total_.connections;
  if (--counts->second.connections == 0) by_address_.erase(counts);
  const auto neighbours = by_network_.find(network_of(address));
  if (neighbours != by_network_.end() && --neighbours->second == 0) by_network_.erase(neighbours);
}

}  // namespace heliograph::server
