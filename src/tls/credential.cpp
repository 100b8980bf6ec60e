#include "tls/credential.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/buffer.hpp"
#include "crypto/certificate.hpp"
#include "tls/certificate.hpp"

namespace heliograph::tls {
namespace {

// Cheapest to make first.
constexpr std::array kAllSchemes = {
    SignatureScheme::kEcdsaSecp256r1Sha256, SignatureScheme::kEd25519,
    SignatureScheme::kEcdsaSecp384r1Sha384, SignatureScheme::kRsaPssRsaeSha256,
    SignatureScheme::kRsaPssRsaeSha384,     SignatureScheme::kRsaPssRsaeSha512};

std::vector<SignatureScheme> schemes_of(crypto::KeyType type) {
  std::vector<SignatureScheme> schemes;
  std::ranges::copy_if(kAllSchemes, std::back_inserter(schemes),
                       [type](SignatureScheme scheme) { return crypto::fits(type, scheme); });
  return schemes;
}

}  // namespace

Result<std::shared_ptr<const Credential>, std::string> load_credential(
    Bytes certificate_pem, Bytes key_pem, std::string_view passphrase) {
  auto pair = crypto::load_key_pair(certificate_pem, key_pem, passphrase);
  if (!pair) return fail(std::move(pair.error()));
  Buffer message;
  write_certificate(pair->chain.certificates(), message);
  std::vector<SignatureScheme> schemes = schemes_of(pair->key.type());
  return std::make_shared<const Credential>(Credential{
      {message.bytes().begin(), message.bytes().end()}, std::move(pair->key), std::move(schemes)});
}

}  // namespace heliograph::tls
