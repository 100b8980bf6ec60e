// CompressedCertificate (RFC 8879), with zlib.
//
//      struct {
//          CertificateCompressionAlgorithm algorithm;
//          uint24 uncompressed_length;
//          opaque compressed_certificate_message<1..2^24-1>;
//      } CompressedCertificate;
#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

inline constexpr std::uint16_t kCertificateCompressionZlib = 1;

// Appends the whole handshake message for the body of a Certificate message. False, with `out` as
// it was, if that would not be smaller.
[[nodiscard]] bool write_compressed_certificate(Bytes certificate_body, Buffer& out);

// The body of the Certificate message. Never inflates more than was declared, nor more than
// kMaxCertificate.
Result<std::vector<std::uint8_t>, Error> parse_compressed_certificate(Bytes body);

}  // namespace heliograph::tls
