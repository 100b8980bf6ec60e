// How many connections there are, in all, by address and by network, and how many of them are not
// open yet. An address is in the table while it has a connection, so the table is bounded by them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "net/endpoint.hpp"
#include "server/limits.hpp"

namespace heliograph::server {

enum class Admission : std::uint8_t {
  kAdmitted,
  kTooManyConnections,
  kTooManyOfAddress,
  kTooManyOfNetwork,
  kTooManyHandshakes,
  kTooManyHandshakesOfAddress,
};
// Static text, for the log.
std::string_view describe(Admission admission);

class AddressCounts {
 public:
  // A connection that is not open yet. Counted if it is admitted; then left() follows at its end,
  // and before that handshake_ended(), if it opens or is not to count as a handshake any more.
  // An address that is nothing (of a Unix socket) has no limit of its own, and only IPv6 has
  // networks.
  [[nodiscard]] Admission admit(const net::HostAddress& address, const Limits& limits);
  void handshake_ended(const net::HostAddress& address);
  void left(const net::HostAddress& address);

  [[nodiscard]] std::size_t connections() const { return total_.connections; }
  [[nodiscard]] std::size_t handshakes() const { return total_.handshakes; }
  [[nodiscard]] std::size_t addresses() const { return by_address_.size(); }
  [[nodiscard]] std::size_t networks() const { return by_network_.size(); }

 private:
  struct Counts {
    std::size_t connections = 0;
    std::size_t handshakes = 0;
  };

  Counts total_;
  // A tree: nobody can choose addresses that make it slow.
  std::map<std::string, Counts, std::less<>> by_address_;
  std::map<std::string, std::size_t, std::less<>> by_network_;  // connections
};

}  // namespace heliograph::server
