// A certificate chain with its private key, ready to be presented.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/sign.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

struct Credential {
  // The Certificate handshake message, written once for all connections.
  std::vector<std::uint8_t> certificate_message;
  crypto::PrivateKey key;
  // What the key can sign with, most preferred first.
  std::vector<SignatureScheme> schemes;
};

// From PEM text: the chain (leaf first) and the key. `passphrase` is used only if the key is
// encrypted. Reads no file. The error is one sentence that says what to change.
Result<std::shared_ptr<const Credential>, std::string> load_credential(Bytes certificate_pem,
                                                                       Bytes key_pem,
                                                                       std::string_view passphrase);

}  // namespace heliograph::tls
