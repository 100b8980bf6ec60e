#include "tls/new_session_ticket.hpp"

#include "base/reader.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

void write_new_session_ticket(const NewSessionTicket& ticket, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kNewSessionTicket);
  out.u32(ticket.lifetime);
  out.u32(ticket.age_add);
  {
    const LengthPrefix<1> length(out);
    out.append(ticket.nonce);
  }
  {
    const LengthPrefix<2> length(out);
    out.append(ticket.ticket);
  }
  const LengthPrefix<2> extensions(out);
  if (ticket.max_early_data_size > 0) {
    const ExtensionWriter extension(out, ExtensionType::kEarlyData);
    out.u32(ticket.max_early_data_size);
  }
}

Result<NewSessionTicket, Error> parse_new_session_ticket(Bytes body) {
  Reader reader(body);
  NewSessionTicket ticket{};
  ticket.lifetime = reader.u32();
  ticket.age_add = reader.u32();
  ticket.nonce = reader.vector8();
  ticket.ticket = reader.vector16();
  const Bytes block = reader.vector16();
  if (!reader.done() || ticket.ticket.empty()) return fail(Error::kMalformedNewSessionTicket);
  const auto walked = walk_extensions(
      block, carrier::kNST, [&ticket](ExtensionType type, Bytes data) -> Result<void, Error> {
        if (type != ExtensionType::kEarlyData) return {};
        Reader extension(data);
        ticket.max_early_data_size = extension.u32();
        if (!extension.done()) return fail(Error::kMalformedExtension);
        return {};
      });
  if (!walked) return fail(walked.error());
  return ticket;
}

}  // namespace heliograph::tls
