// EndOfEarlyData (RFC 9846 section 4.6): an empty message behind the last early data.
#pragma once

#include "base/buffer.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

// Appends the whole handshake message.
inline void write_end_of_early_data(Buffer& out) {
  const HandshakeMessageWriter empty(out, HandshakeType::kEndOfEarlyData);
}

}  // namespace heliograph::tls
