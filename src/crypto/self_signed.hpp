// A certificate for trying things out: self-signed, ECDSA P-256, with a key made on the spot.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "crypto/issue.hpp"

namespace heliograph::crypto {

// An X.509 v3 certificate for the names, each a DNS name or an IP address in text. Valid from `now`
// (seconds since 1970) less one hour, for clocks that are late, until `days` (1 to 3650) later.
// CA:FALSE, for server authentication. The error is one sentence.
Result<NewCertificate, std::string> make_self_signed(std::span<const std::string> names,
                                                     std::int64_t now, int days);

}  // namespace heliograph::crypto
