// CertificateRequest (RFC 9846 section 4.4.2): the server wants to know who the client is.
//
//      struct {
//          opaque certificate_request_context<0..2^8-1>;
//          Extension extensions<0..2^16-1>;
//      } CertificateRequest;
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/code_points.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

// A server lists the authorities that it trusts; public services trust hundreds.
inline constexpr std::size_t kMaxCertificateRequest = std::size_t{64} * 1024;

struct CertificateRequest {
  CodePoints signature_algorithms;
  // Distinguished names in DER; empty: any issuer will do.
  std::vector<Bytes> certificate_authorities;
  bool takes_compressed_certificate = false;
  bool asks_for_status = false;
};

// Appends the whole handshake message.
void write_certificate_request(std::span<const std::uint16_t> signature_algorithms,
                               std::span<const std::vector<std::uint8_t>> certificate_authorities,
                               bool take_compressed_certificate, Buffer& out);

Result<CertificateRequest, Error> parse_certificate_request(Bytes body);

}  // namespace heliograph::tls
