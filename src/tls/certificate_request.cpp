#include "tls/certificate_request.hpp"

#include <array>
#include <utility>

#include "base/reader.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/distinguished_names.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

Result<void, Error> parse_extension(ExtensionType type, Bytes data, CertificateRequest& request) {
  switch (type) {
    case ExtensionType::kSignatureAlgorithms: {
      const auto schemes = parse_code_points(data, 2);
      if (!schemes) return fail(schemes.error());
      request.signature_algorithms = *schemes;
      return {};
    }
    case ExtensionType::kCertificateAuthorities: {
      auto names = parse_distinguished_names(data);
      if (!names) return fail(names.error());
      request.certificate_authorities = std::move(*names);
      return {};
    }
    case ExtensionType::kCompressCertificate: {
      const auto algorithms = parse_code_points(data, 1);
      if (!algorithms) return fail(algorithms.error());
      request.takes_compressed_certificate = algorithms->contains(kCertificateCompressionZlib);
      return {};
    }
    case ExtensionType::kStatusRequest:
      request.asks_for_status = true;
      return {};
    default:
      return {};
  }
}

}  // namespace

void write_certificate_request(std::span<const std::uint16_t> signature_algorithms,
                               std::span<const std::vector<std::uint8_t>> certificate_authorities,
                               bool take_compressed_certificate, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kCertificateRequest);
  out.u8(0);  // certificate_request_context
  const LengthPrefix<2> extensions(out);
  {
    const ExtensionWriter extension(out, ExtensionType::kSignatureAlgorithms);
    write_code_points(signature_algorithms, 2, out);
  }
  if (!certificate_authorities.empty()) {
    const ExtensionWriter extension(out, ExtensionType::kCertificateAuthorities);
    write_distinguished_names(certificate_authorities, out);
  }
  if (take_compressed_certificate) {
    const ExtensionWriter extension(out, ExtensionType::kCompressCertificate);
    write_code_points(std::array{kCertificateCompressionZlib}, 1, out);
  }
}

// "The certificate_request_context [...] SHALL be zero length unless used for the post-handshake
// authentication exchanges", which this implementation never offers.
Result<CertificateRequest, Error> parse_certificate_request(Bytes body) {
  Reader reader(body);
  const Bytes context = reader.vector8();
  const Bytes block = reader.vector16();
  if (!reader.done() || !context.empty()) return fail(Error::kMalformedCertificateRequest);
  CertificateRequest request;
  const auto walked = walk_extensions(block, carrier::kCR, [&](ExtensionType type, Bytes data) {
    return parse_extension(type, data, request);
  });
  if (!walked) return fail(walked.error());
  if (request.signature_algorithms.size() == 0) return fail(Error::kMissingSignatureAlgorithms);
  return request;
}

}  // namespace heliograph::tls
