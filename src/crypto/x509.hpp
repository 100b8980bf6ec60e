// X.509 certificates as libcrypto holds them: read strictly, and what stands in them. Private to
// this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/identity.hpp"

namespace heliograph::crypto {

using Der = std::vector<std::uint8_t>;

// Empty unless the bytes are one certificate in DER and nothing else.
Handle<x509_st> parse_certificate(Bytes der);

Der to_der(const x509_st* certificate);

// The CERTIFICATE blocks of PEM text, in their order, not looked into. The error is one sentence.
Result<std::vector<Der>, std::string> certificate_blocks(Bytes pem);

// Names in DER, as they stand in the certificate.
Der subject_of(const x509_st* certificate);
Der issuer_of(const x509_st* certificate);

Identity identity_of(const x509_st* certificate);

}  // namespace heliograph::crypto
