// Certificate (RFC 9846 section 4.5.1), sent by both roles.
//
//      struct {
//          opaque cert_data<1..2^24-1>;
//          Extension extensions<0..2^16-1>;
//      } CertificateEntry;
//
//      struct {
//          opaque certificate_request_context<0..2^8-1>;
//          CertificateEntry certificate_list<0..2^24-1>;
//      } Certificate;
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// Chains of a few kilobytes are common; beyond this somebody makes us buffer.
inline constexpr std::size_t kMaxCertificate = std::size_t{100} * 1024;

// A list of many tiny entries would cost more than its bytes.
inline constexpr std::size_t kMaxChainLength = 128;

struct CertificateMessage {
  // In DER, leaf first. Empty: a client has none.
  std::vector<Bytes> chain;
  // The OCSP response that came with the leaf (RFC 6066 section 8); empty if none did.
  Bytes ocsp_response;
};

// Appends the whole handshake message, with an empty certificate_request_context: that of every
// Certificate within a handshake. The OCSP response goes with the leaf, if there is one.
void write_certificate(std::span<const std::vector<std::uint8_t>> chain, Bytes ocsp_response,
                       Buffer& out);

// `asked_for_status`: a status_request was sent; without one no entry may carry a response.
Result<CertificateMessage, Error> parse_certificate(Bytes body, bool asked_for_status);

}  // namespace heliograph::tls
