// The code points that a handshake negotiates (RFC 9846 sections 4.3.3, 4.3.7, 4.3.8 and B.4).
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/key_share.hpp"
#include "crypto/sign.hpp"

namespace heliograph::tls {

inline constexpr std::uint16_t kVersionTls12 = 0x0303;
inline constexpr std::uint16_t kVersionTls13 = 0x0304;

enum class CipherSuite : std::uint16_t {
  kAes128GcmSha256 = 0x1301,
  kAes256GcmSha384 = 0x1302,
  kChaCha20Poly1305Sha256 = 0x1303,
};

using NamedGroup = crypto::Group;
using SignatureScheme = crypto::SignatureScheme;

// The standard's names, e.g. "TLS_AES_128_GCM_SHA256", "x25519", "ecdsa_secp256r1_sha256".
std::string_view name(CipherSuite suite);
std::string_view name(NamedGroup group);
std::string_view name(SignatureScheme scheme);

}  // namespace heliograph::tls
