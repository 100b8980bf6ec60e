// What a peer or a file may send as certificates: the chain is kept as it came, names can be shown
// and compared, a name is never trusted where the chain is not, and a PKCS#12 file ends in one
// sentence or in a key that belongs to its certificate.
//
// Input: certificates in DER, each after its length in two bytes, leaf first; or a PKCS#12 file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "crypto/peer_certificate.hpp"
#include "crypto/pkcs12.hpp"
#include "crypto/trust_store.hpp"
#include "require.hpp"

namespace {

using namespace heliograph;          // NOLINT(google-build-using-namespace)
using namespace heliograph::crypto;  // NOLINT(google-build-using-namespace)

// 2026-11-23 12:00:00 UTC, when the certificates of the corpus are valid.
constexpr std::int64_t kNow = 1795435200;

std::vector<Bytes> split(Bytes input) {
  std::vector<Bytes> chain;
  Reader reader(input);
  while (!reader.empty() && reader.ok()) chain.push_back(reader.vector16());
  return chain;
}

void check_text(const std::string& text) {
  require(std::ranges::all_of(text,
                              [](char character) { return character >= ' ' && character < 0x7f; }));
}

void check_identity(const Identity& identity) {
  check_text(identity.subject);
  for (const auto* names :
       {&identity.dns_names, &identity.ip_addresses, &identity.email_addresses, &identity.uris}) {
    for (const std::string& name : *names) {
      check_text(name);
      require(!name.empty());
    }
  }
}

// Whatever its last certificate is, the chain must not be believed for more than it says.
void check_trust(const PeerCertificate& peer) {
  const std::string pem = "-----BEGIN CERTIFICATE-----\n" +
                          base64_encode(peer.certificates().back()) +
                          "\n-----END CERTIFICATE-----\n";
  const auto trust = TrustStore::from_pem(as_bytes(pem));
  if (!trust) return require(!trust.error().empty());
  for (const Purpose purpose : {Purpose::kServerAuthentication, Purpose::kClientAuthentication}) {
    const auto any = trust->verify(peer, purpose, std::nullopt, kNow);
    for (const char* name : {"ec.example", "192.0.2.1"}) {
      const auto named = trust->verify(peer, purpose, name, kNow);
      if (named) require(any.has_value());
      if (!any) require(named.error() == any.error());
    }
  }
}

void check_chain(const std::vector<Bytes>& chain) {
  const auto peer = PeerCertificate::from_der(chain);
  if (!peer) return;
  require(std::ranges::equal(peer->certificates(), chain, equal));
  check_identity(peer->identity());
  check_trust(*peer);
}

void check_pkcs12(Bytes file) {
  const auto pair = load_pkcs12(file, "correct horse");
  if (!pair) return require(!pair.error().empty());
  require(pair->chain.matches(pair->key));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  check_chain(split(input));
  check_pkcs12(input);
  return 0;
}
