// A certificate chain with its private key, ready to be presented.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/certificate.hpp"
#include "crypto/sign.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

// The Certificate handshake message, written once for all connections.
struct CertificateFlight {
  std::vector<std::uint8_t> certificate;
  // The same as CompressedCertificate; empty where that would not be smaller.
  std::vector<std::uint8_t> compressed;
};

struct Credential {
  CertificateFlight plain;
  // With the OCSP response, for those who ask for one; empty without.
  CertificateFlight stapled;
  crypto::PrivateKey key;
  // What the key can sign with, most preferred first.
  std::vector<SignatureScheme> schemes;
  // The DNS names that the leaf is valid for, in lower case.
  std::vector<std::string> dns_names;
  // The issuers' distinguished names, in DER.
  std::vector<std::vector<std::uint8_t>> issuers;

  // One of the names is `host`, or a wildcard that covers it.
  [[nodiscard]] bool covers(std::string_view host) const;
  [[nodiscard]] bool covers_exactly(std::string_view host) const;
  // The first of `schemes` that the peer takes as well.
  [[nodiscard]] std::optional<SignatureScheme> first_scheme_in(
      std::span<const SignatureScheme> offered) const;
  // The message for a peer that asked for these.
  [[nodiscard]] Bytes certificate_message(bool with_status, bool compressed) const;
  [[nodiscard]] bool has_status() const { return !stapled.certificate.empty(); }
};

// `ocsp_response` is a response in DER to be stapled, or empty.
std::shared_ptr<const Credential> make_credential(crypto::KeyPair pair, Bytes ocsp_response = {});

// From PEM text: the chain (leaf first) and the key. `passphrase` is used only if the key is
// encrypted. Reads no file. The error is one sentence that says what to change.
Result<std::shared_ptr<const Credential>, std::string> load_credential(Bytes certificate_pem,
                                                                       Bytes key_pem,
                                                                       std::string_view passphrase,
                                                                       Bytes ocsp_response = {});

}  // namespace heliograph::tls
