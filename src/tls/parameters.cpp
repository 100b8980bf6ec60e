#include "tls/parameters.hpp"

#include <utility>

namespace heliograph::tls {

std::vector<SignatureScheme> known_schemes(CodePoints offered) {
  std::vector<SignatureScheme> known;
  for (const SignatureScheme scheme : kAllSignatureSchemes) {
    if (offered.contains(std::to_underlying(scheme))) known.push_back(scheme);
  }
  return known;
}

std::vector<std::uint16_t> offered_schemes(std::span<const SignatureScheme> schemes) {
  std::vector<std::uint16_t> offered;
  offered.reserve(schemes.size() + kCertificateOnlySchemes.size());
  for (const SignatureScheme scheme : schemes) offered.push_back(std::to_underlying(scheme));
  offered.insert(offered.end(), kCertificateOnlySchemes.begin(), kCertificateOnlySchemes.end());
  return offered;
}

std::string_view name(CipherSuite suite) {
  switch (suite) {
    case CipherSuite::kAes128GcmSha256:
      return "TLS_AES_128_GCM_SHA256";
    case CipherSuite::kAes256GcmSha384:
      return "TLS_AES_256_GCM_SHA384";
    case CipherSuite::kChaCha20Poly1305Sha256:
      return "TLS_CHACHA20_POLY1305_SHA256";
  }
  return "unknown";
}

std::string_view name(NamedGroup group) {
  switch (group) {
    case NamedGroup::kSecp256r1:
      return "secp256r1";
    case NamedGroup::kSecp384r1:
      return "secp384r1";
    case NamedGroup::kX25519:
      return "x25519";
  }
  return "unknown";
}

std::string_view name(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::kEcdsaSecp256r1Sha256:
      return "ecdsa_secp256r1_sha256";
    case SignatureScheme::kEcdsaSecp384r1Sha384:
      return "ecdsa_secp384r1_sha384";
    case SignatureScheme::kRsaPssRsaeSha256:
      return "rsa_pss_rsae_sha256";
    case SignatureScheme::kRsaPssRsaeSha384:
      return "rsa_pss_rsae_sha384";
    case SignatureScheme::kRsaPssRsaeSha512:
      return "rsa_pss_rsae_sha512";
    case SignatureScheme::kEd25519:
      return "ed25519";
  }
  return "unknown";
}

}  // namespace heliograph::tls
