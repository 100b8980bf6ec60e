// Password hashing: scrypt (RFC 7914) and PBKDF2 with HMAC-SHA-256 (RFC 8018).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::crypto {

// The memory of one scrypt call is 128 * r * 2^log2_n + 128 * r * p bytes and a little more;
// parameters that need more than this are refused, so that a stored hash cannot exhaust memory.
inline constexpr std::uint64_t kMaxScryptMemory = 513ULL << 20U;

struct ScryptParameters {
  // log2 of N, the cost in time and memory: 1 to 63.
  std::uint32_t log2_n = 15;
  // Block size and parallelisation: at least 1.
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};

// Fills `out`. False if the parameters are not scrypt's or need too much memory.
[[nodiscard]] bool scrypt(std::string_view password, Bytes salt, const ScryptParameters& parameters,
                          MutableBytes out);

// Fills `out`. False if `iterations` is 0 or libcrypto refuses.
[[nodiscard]] bool pbkdf2_sha256(std::string_view password, Bytes salt, std::uint32_t iterations,
                                 MutableBytes out);

}  // namespace heliograph::crypto
