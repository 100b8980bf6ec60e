// KeyUpdate (RFC 9846 section 4.7.3): the sender's next record uses the next keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

enum class KeyUpdateRequest : std::uint8_t { kUpdateNotRequested = 0, kUpdateRequested = 1 };

inline constexpr std::size_t kKeyUpdateBodySize = 1;

using KeyUpdateMessage = std::array<std::uint8_t, kHandshakeHeaderSize + kKeyUpdateBodySize>;

// The whole handshake message.
KeyUpdateMessage encode_key_update(KeyUpdateRequest request);

Result<KeyUpdateRequest, Error> parse_key_update(Bytes body);

}  // namespace heliograph::tls
