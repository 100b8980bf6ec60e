// Certificate (RFC 9846 section 4.5.1): the chain that a server presents, its own certificate
// first.
//
//      struct {
//          opaque cert_data<1..2^24-1>;
//          Extension extensions<0..2^16-1>;
//      } CertificateEntry;
//
//      struct {
//          opaque certificate_request_context<0..2^8-1>;   empty from a server
//          CertificateEntry certificate_list<0..2^24-1>;
//      } Certificate;
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// Appends the whole handshake message for a chain of DER certificates.
void write_certificate(std::span<const std::vector<std::uint8_t>> chain, Buffer& out);

// The DER certificates, as views into the body, at least one. Extensions are checked by the table
// of section 4.3 and not looked into.
Result<std::vector<Bytes>, Error> parse_certificate(Bytes body);

}  // namespace heliograph::tls
