// What clients may cost in number and rate. One value for the whole process, which may be replaced
// while it runs; each limit names the attack that it stops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace heliograph::server {

struct Limits {
  // Connections that do nothing but stay, until no descriptor is left for anybody.
  std::size_t connections = 100'000;
  // The same from one address (of IPv6 from one /64, which is what one attacker has), so that it
  // takes many of them. Generous, for whole offices and proxies are one address, too.
  std::size_t connections_per_address = 2'000;
  // The same from one /48 of IPv6, which is what a customer of a provider may have: 65,536 of the
  // /64s that count as addresses, enough to take all connections.
  std::size_t connections_per_network = 10'000;
  // Connections that never finish to open: each holds the state of a handshake until its deadline.
  // Beyond, the one that has taken longest makes room, so that a flood cannot keep others out.
  std::size_t handshakes = 4'096;
  // The same from one address. Beyond, its newest is refused: the others are none of its business.
  std::size_t handshakes_per_address = 256;
  // Floods of ClientHellos: a key exchange and a signature cost a thousand times what a message
  // does, and messages of those who are connected must not wait for many of them.
  std::size_t handshakes_per_turn = 4;
  // Per client and second: messages that keep everybody's worker busy. Nobody is closed for it: who
  // sends more is read more slowly.
  std::uint32_t messages = 200;
  // Likewise bytes, as they come: pings, fragments and records that are no message cost, too.
  std::uint32_t bytes = std::uint32_t{1} << 20;
  // Bytes that are kept for all clients together: many that do not read what waits for them, or do
  // not finish the message that they have begun, each within its own bound, must not fill the
  // memory. Beyond, those for whom most is kept are closed.
  std::size_t buffered = std::size_t{256} << 20;
  // Clients of each worker whose ciphers are kept ready for the next message, at 2.3 KiB each;
  // those of a client that has been silent for longer than so many others are made anew when it
  // speaks. Connections that do nothing but stay would otherwise cost as much as those that are
  // used.
  std::size_t ready_ciphers = 4'096;

  // For servers whose clients are trusted.
  static constexpr Limits none() {
    constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
    constexpr std::uint32_t kFast = std::numeric_limits<std::uint32_t>::max();
    return {.connections = kAny,
            .connections_per_address = kAny,
            .connections_per_network = kAny,
            .handshakes = kAny,
            .handshakes_per_address = kAny,
            .handshakes_per_turn = kAny,
            .messages = kFast,
            .bytes = kFast,
            .buffered = kAny};
  }
};

}  // namespace heliograph::server
