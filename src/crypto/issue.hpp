// A small certificate authority: its own certificate, and those that it issues to servers and to
// users. X.509 v3, each with a new ECDSA P-256 key.
//
// Every certificate is valid from `now` (seconds since 1970) less one hour, for clocks that are
// late, until `days` (1 to 3650) later; an issued one no longer than its authority. Errors are one
// sentence.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "crypto/secret_bytes.hpp"

namespace heliograph::crypto {

struct KeyPair;

struct NewCertificate {
  // The certificate, and those of the authorities between it and the root.
  std::string certificate_pem;
  // PKCS#8, not encrypted.
  SecretBytes private_key_pem;
};

// May issue certificates to servers and users, but not to further authorities. `name` is the
// subject's commonName, 1 to 64 characters.
Result<NewCertificate, std::string> make_ca(const std::string& name, std::int64_t now, int days);

// For server authentication by any of `names`, each a DNS name or an IP address in text; the first
// is also the commonName if it is short enough.
Result<NewCertificate, std::string> issue_server(const KeyPair& ca,
                                                 std::span<const std::string> names,
                                                 std::int64_t now, int days);

// For client authentication. The user's name, 1 to 64 characters, is the commonName, and stands in
// subjectAltName as rfc822Name if it has an "@", else as the URI "heliograph:user:<name>",
// percent-encoded.
Result<NewCertificate, std::string> issue_client(const KeyPair& ca, const std::string& user,
                                                 std::int64_t now, int days);

}  // namespace heliograph::crypto
