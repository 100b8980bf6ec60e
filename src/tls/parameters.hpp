// The code points that a handshake negotiates (RFC 9846 sections 4.3.3, 4.3.7, 4.3.8 and B.4).
#pragma once

#include <cstdint>
#include <string_view>

namespace heliograph::tls {

inline constexpr std::uint16_t kVersionTls12 = 0x0303;
inline constexpr std::uint16_t kVersionTls13 = 0x0304;

enum class CipherSuite : std::uint16_t {
  kAes128GcmSha256 = 0x1301,
  kAes256GcmSha384 = 0x1302,
  kChaCha20Poly1305Sha256 = 0x1303,
};

enum class NamedGroup : std::uint16_t {
  kSecp256r1 = 0x0017,
  kSecp384r1 = 0x0018,
  kX25519 = 0x001d,
};

enum class SignatureScheme : std::uint16_t {
  kEcdsaSecp256r1Sha256 = 0x0403,
  kEcdsaSecp384r1Sha384 = 0x0503,
  kRsaPssRsaeSha256 = 0x0804,
  kRsaPssRsaeSha384 = 0x0805,
  kRsaPssRsaeSha512 = 0x0806,
  kEd25519 = 0x0807,
};

// The standard's names, e.g. "TLS_AES_128_GCM_SHA256", "x25519", "ecdsa_secp256r1_sha256".
std::string_view name(CipherSuite suite);
std::string_view name(NamedGroup group);
std::string_view name(SignatureScheme scheme);

}  // namespace heliograph::tls
