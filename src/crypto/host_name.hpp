// The names that a certificate gives to a host: DNS names and IP addresses. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace heliograph::crypto {

// Letters, digits, hyphens, underscores, dots and asterisks: 1 to 253 of them.
bool is_dns_name(std::string_view text);

// The 4 or 16 bytes of an iPAddress (RFC 5280 section 4.2.1.6), or empty if the text is not that of
// an address.
std::vector<std::uint8_t> ip_from_text(std::string_view text);

// The reverse; empty unless there are 4 or 16 bytes.
std::string ip_to_text(Bytes address);

}  // namespace heliograph::crypto
