// Certificates, keys and authorities from PEM files, for the examples. What fails throws.
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/trust_store.hpp"
#include "tls/credential.hpp"
#include "tls/peer.hpp"

namespace pem {

// The value, or its error thrown, behind what it is about.
template <class Value>
Value require(heliograph::Result<Value, std::string> result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error());
  return std::move(*result);
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

// A certificate, with its chain behind it, and its private key.
inline std::shared_ptr<const heliograph::tls::Credential> credential(const std::string& certificate,
                                                                     const std::string& key) {
  using namespace heliograph;
  return require(tls::load_credential(as_bytes(read_file(certificate)), as_bytes(read_file(key)),
                                      /*passphrase=*/{}),
                 certificate);
}

inline heliograph::crypto::TrustStore authorities(const std::string& path) {
  using namespace heliograph;
  return require(crypto::TrustStore::from_pem(as_bytes(read_file(path))), path);
}

// Believes whom one of these authorities has certified.
inline std::shared_ptr<const heliograph::tls::PeerVerifier> verifier(
    const std::string& path, heliograph::crypto::Purpose purpose) {
  return std::make_shared<heliograph::tls::ChainVerifier>(authorities(path), purpose);
}

}  // namespace pem
