#include "tls/compressed_certificate.hpp"

#include <zlib.h>

#include "base/reader.hpp"
#include "tls/certificate.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

bool write_compressed_certificate(Bytes certificate_body, Buffer& out) {
  std::vector<std::uint8_t> compressed(compressBound(certificate_body.size()));
  uLongf size = compressed.size();
  const int status = compress2(compressed.data(), &size, certificate_body.data(),
                               certificate_body.size(), Z_BEST_COMPRESSION);
  if (status != Z_OK || size >= certificate_body.size()) return false;
  const HandshakeMessageWriter message(out, HandshakeType::kCompressedCertificate);
  out.u16(kCertificateCompressionZlib);
  out.u24(static_cast<std::uint32_t>(certificate_body.size()));
  const LengthPrefix<3> length(out);
  out.append(Bytes(compressed).first(size));
  return true;
}

// "If the received CompressedCertificate message cannot be decompressed, the connection MUST be
// terminated with the "bad_certificate" alert", and so if the length differs from what it declares.
Result<std::vector<std::uint8_t>, Error> parse_compressed_certificate(Bytes body) {
  Reader reader(body);
  const std::uint16_t algorithm = reader.u16();
  const std::size_t declared = reader.u24();
  const Bytes compressed = reader.vector24();
  if (!reader.done() || compressed.empty()) return fail(Error::kMalformedCompressedCertificate);
  if (algorithm != kCertificateCompressionZlib) return fail(Error::kUnofferedCompression);
  if (declared == 0 || declared > kMaxCertificate) return fail(Error::kBadCompressedCertificate);

  std::vector<std::uint8_t> certificate(declared);
  uLongf size = certificate.size();
  uLong consumed = compressed.size();
  const int status = uncompress2(certificate.data(), &size, compressed.data(), &consumed);
  if (status != Z_OK || size != declared || consumed != compressed.size()) {
    return fail(Error::kBadCompressedCertificate);
  }
  return certificate;
}

}  // namespace heliograph::tls
