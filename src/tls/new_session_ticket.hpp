// NewSessionTicket (RFC 9846 section 4.7.1): what the client shows to resume this connection.
//
//      struct {
//          uint32 ticket_lifetime;
//          uint32 ticket_age_add;
//          opaque ticket_nonce<0..255>;
//          opaque ticket<1..2^16-1>;
//          Extension extensions<0..2^16-1>;
//      } NewSessionTicket;
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// Seconds: "Servers MUST NOT use any value greater than 604800 seconds (7 days)."
inline constexpr std::uint32_t kMaxTicketLifetime = 7 * 24 * 3600;

// The longest ticket with its nonce and some extensions.
inline constexpr std::size_t kMaxNewSessionTicket = 4 + 4 + 256 + 65537 + 1024;

struct NewSessionTicket {
  std::uint32_t lifetime;  // seconds
  std::uint32_t age_add;
  Bytes nonce;
  Bytes ticket;
  // Bytes of 0-RTT data that the server takes with this ticket; 0 if none.
  std::uint32_t max_early_data_size;
};

// Appends the whole handshake message.
void write_new_session_ticket(const NewSessionTicket& ticket, Buffer& out);

Result<NewSessionTicket, Error> parse_new_session_ticket(Bytes body);

}  // namespace heliograph::tls
