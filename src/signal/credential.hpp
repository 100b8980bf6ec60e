// Stored credentials: the password itself, or a hash of it as a PHC string:
//
//   $scrypt$ln=15,r=8,p=1$<salt>$<hash>        scrypt with N = 2^ln (RFC 7914)
//   $pbkdf2-sha256$i=600000$<salt>$<hash>      PBKDF2 with HMAC-SHA-256 (RFC 8018)
//
// Salt and hash are base64 without padding. A value that starts like a password hash and is none
// that is understood here is right for no password: compared as text, a stolen hash would be one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/password.hpp"

namespace heliograph::signal {

// Whoever can store a hash chooses what verifying it costs: these bounds keep that to some hundred
// MiB and a few seconds at worst.
inline constexpr std::uint32_t kMaxScryptLog2N = 18;
inline constexpr std::uint32_t kMaxScryptR = 16;
inline constexpr std::uint32_t kMaxScryptP = 4;
inline constexpr std::uint32_t kMaxPbkdf2Iterations = 2'000'000;
inline constexpr std::size_t kMinSaltSize = 8;
inline constexpr std::size_t kMaxSaltSize = 64;
inline constexpr std::size_t kMinHashSize = 16;
inline constexpr std::size_t kMaxHashSize = 64;

struct Pbkdf2Parameters {
  std::uint32_t iterations = 600'000;
};

struct PasswordHash {
  std::variant<crypto::ScryptParameters, Pbkdf2Parameters> parameters;
  std::vector<std::uint8_t> salt;
  std::vector<std::uint8_t> hash;
};

// Whether it is treated as a hash rather than as the password itself: what starts like our hashes,
// or is `$id$…` as those of all other systems are: 1 to 32 letters, digits and hyphens, and
// something behind that is long enough to be one. `$ecret$` is a password.
bool looks_like_hash(std::string_view stored);

// Nothing unless `text` is one of the two forms, within the bounds above.
std::optional<PasswordHash> parse_phc(std::string_view text);
std::string format_phc(const PasswordHash& hash);

// A new hash of `password`, with a random salt, as a PHC string: scrypt with N = 2^15, r = 8, p = 1
// (32 MiB). Nothing if libcrypto cannot derive it.
std::optional<std::string> hash_password(std::string_view password);

// A stored value for users that do not exist. It is right for no password, and finding that out
// takes as long as for a hash made by hash_password().
std::string_view dummy_phc();

// Whether verifying against `stored` takes long, so that it belongs in another thread.
bool needs_derivation(std::string_view stored);

// Whether hash_password() would protect the password better than `stored` does: that is the
// password itself, or a hash that takes less memory or time. False for what cannot be understood.
bool is_weaker(std::string_view stored);

// In a time that does not tell how much of the password was right.
bool verify_password(std::string_view stored, std::string_view password);

}  // namespace heliograph::signal
