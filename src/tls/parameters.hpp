// The code points that a handshake negotiates (RFC 9846 sections 4.3.3, 4.3.7, 4.3.8 and B.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/key_share.hpp"
#include "crypto/sign.hpp"
#include "tls/code_points.hpp"

namespace heliograph::tls {

inline constexpr std::uint16_t kVersionTls12 = 0x0303;
inline constexpr std::uint16_t kVersionTls13 = 0x0304;

enum class Role : std::uint8_t { kClient, kServer };

// Of the hellos.
inline constexpr std::size_t kRandomSize = 32;
inline constexpr std::size_t kMaxLegacySessionId = 32;

enum class CipherSuite : std::uint16_t {
  kAes128GcmSha256 = 0x1301,
  kAes256GcmSha384 = 0x1302,
  kChaCha20Poly1305Sha256 = 0x1303,
};

using NamedGroup = crypto::Group;
using SignatureScheme = crypto::SignatureScheme;

// Everything that is supported, most preferred first.
inline constexpr std::array kAllCipherSuites = {CipherSuite::kAes128GcmSha256,
                                                CipherSuite::kAes256GcmSha384,
                                                CipherSuite::kChaCha20Poly1305Sha256};
inline constexpr std::array kAllGroups = {NamedGroup::kX25519, NamedGroup::kSecp256r1,
                                          NamedGroup::kSecp384r1};
inline constexpr std::array kAllSignatureSchemes = {
    SignatureScheme::kEcdsaSecp256r1Sha256, SignatureScheme::kEd25519,
    SignatureScheme::kEcdsaSecp384r1Sha384, SignatureScheme::kRsaPssRsaeSha256,
    SignatureScheme::kRsaPssRsaeSha384,     SignatureScheme::kRsaPssRsaeSha512};

// Offered behind those of CertificateVerify: by these only certificates may be signed
// (section 4.3.3).
inline constexpr std::array<std::uint16_t, 3> kCertificateOnlySchemes = {0x0401, 0x0501, 0x0601};

// Which of all schemes that are supported the list has.
std::vector<SignatureScheme> known_schemes(CodePoints offered);

// What is written into signature_algorithms.
std::vector<std::uint16_t> offered_schemes(std::span<const SignatureScheme> schemes);

// The standard's names, e.g. "TLS_AES_128_GCM_SHA256", "x25519", "ecdsa_secp256r1_sha256".
std::string_view name(CipherSuite suite);
std::string_view name(NamedGroup group);
std::string_view name(SignatureScheme scheme);

}  // namespace heliograph::tls
