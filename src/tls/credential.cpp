#include "tls/credential.hpp"

#include <utility>

#include "base/buffer.hpp"
#include "crypto/certificate.hpp"
#include "tls/certificate.hpp"

namespace heliograph::tls {
Result<std::shared_ptr<const Credential>, std::string> load_credential(
    Bytes certificate_pem, Bytes key_pem, std::string_view passphrase) {
  auto pair = crypto::load_key_pair(certificate_pem, key_pem, passphrase);
  if (!pair) return std::unexpected(std::move(pair.error()));
  Buffer message;
  write_certificate(pair->chain.certificates(), message);
  const auto schemes = crypto::schemes_of(pair->key.type());
  return std::make_shared<const Credential>(
      Credential{{message.bytes().begin(), message.bytes().end()},
                 std::move(pair->key),
                 {schemes.begin(), schemes.end()}});
}

}  // namespace heliograph::tls
