// Whatever stands in a key or certificate file, loading it ends in one sentence or in something
// that works: a key whose signatures verify, a chain that survives being written and read again.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/base64.hpp"
#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/certificate.hpp"
#include "crypto/sign.hpp"
#include "require.hpp"

namespace {

using namespace heliograph;          // NOLINT(google-build-using-namespace)
using namespace heliograph::crypto;  // NOLINT(google-build-using-namespace)

std::string to_pem(const CertificateChain& chain) {
  std::string pem;
  for (const auto& der : chain.certificates()) {
    pem += "-----BEGIN CERTIFICATE-----\n";
    const std::string body = base64_encode(der);
    for (std::size_t at = 0; at < body.size(); at += 64) pem += body.substr(at, 64) + "\n";
    pem += "-----END CERTIFICATE-----\n";
  }
  return pem;
}

void check_chain(Bytes pem) {
  const auto chain = CertificateChain::from_pem(pem);
  if (!chain) return require(!chain.error().empty());
  const auto again = CertificateChain::from_pem(as_bytes(to_pem(*chain)));
  require(again.has_value());
  require(again->certificates() == chain->certificates());
  require(again->not_before() == chain->not_before() && again->not_after() == chain->not_after());
}

void check_key(Bytes pem) {
  // The work factor of an encrypted PKCS#8 key is up to the file, so it is left encrypted.
  const bool pkcs8 = as_text(pem).find("ENCRYPTED PRIVATE KEY") != std::string_view::npos;
  const auto key = PrivateKey::from_pem(pem, pkcs8 ? "" : "correct horse");
  if (!key) return require(!key.error().empty());
  for (const SignatureScheme scheme : schemes_of(key->type())) {
    Buffer signature;
    require(key->sign(scheme, pem, signature));
    require(key->public_key().verify(scheme, pem, signature.bytes()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes pem(data, size);
  check_chain(pem);
  check_key(pem);
  return 0;
}
