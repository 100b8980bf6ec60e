#include "server/address_counts.hpp"

#include "signal/throttle.hpp"

namespace heliograph::server {

namespace {

std::string key_of(const net::HostAddress& address) {
  return std::string(signal::AddressKey(address.bytes()).text());
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
  if (of_address.handshakes >= limits.handshakes_per_address) {
    return Admission::kTooManyHandshakesOfAddress;
  }
  if (total_.handshakes >= limits.handshakes) return Admission::kTooManyHandshakes;
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
}

}  // namespace heliograph::server
