// The certificate_authorities extension (RFC 9846 section 4.3.4).
//
//      opaque DistinguishedName<1..2^16-1>;
//
//      struct {
//          DistinguishedName authorities<3..2^16-1>;
//      } CertificateAuthoritiesExtension;
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// The data of the extension; each name is DER.
void write_distinguished_names(std::span<const std::vector<std::uint8_t>> names, Buffer& out);

Result<std::vector<Bytes>, Error> parse_distinguished_names(Bytes data);

}  // namespace heliograph::tls
