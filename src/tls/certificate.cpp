#include "tls/certificate.hpp"

#include "base/reader.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

// CertificateStatusType of RFC 6066.
constexpr std::uint8_t kOcsp = 1;

void write_status(Bytes ocsp_response, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kStatusRequest);
  out.u8(kOcsp);
  const LengthPrefix<3> length(out);
  out.append(ocsp_response);
}

Result<Bytes, Error> parse_status(Bytes data) {
  Reader reader(data);
  const std::uint8_t type = reader.u8();
  const Bytes response = reader.vector24();
  if (!reader.done() || type != kOcsp || response.empty()) return fail(Error::kMalformedExtension);
  return response;
}

// The extensions of one entry. "Extensions in the Certificate message from the server MUST
// correspond to ones from the ClientHello message."
Result<Bytes, Error> parse_entry_extensions(Bytes block, bool asked_for_status) {
  Bytes ocsp_response;
  const auto walked = walk_extensions(
      block, carrier::kCT, [&](ExtensionType type, Bytes data) -> Result<void, Error> {
        if (type != ExtensionType::kStatusRequest || !asked_for_status) {
          return fail(Error::kUnsolicitedExtension);
        }
        const auto response = parse_status(data);
        if (!response) return fail(response.error());
        ocsp_response = *response;
        return {};
      });
  if (!walked) return fail(walked.error());
  return ocsp_response;
}

}  // namespace

void write_certificate(std::span<const std::vector<std::uint8_t>> chain, Bytes ocsp_response,
                       Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kCertificate);
  out.u8(0);  // certificate_request_context
  const LengthPrefix<3> list(out);
  bool is_leaf = true;
  for (const std::vector<std::uint8_t>& certificate : chain) {
    {
      const LengthPrefix<3> length(out);
      out.append(certificate);
    }
    const LengthPrefix<2> extensions(out);
    if (is_leaf && !ocsp_response.empty()) write_status(ocsp_response, out);
    is_leaf = false;
  }
}

Result<CertificateMessage, Error> parse_certificate(Bytes body, bool asked_for_status) {
  Reader reader(body);
  const Bytes context = reader.vector8();
  Reader list(reader.vector24());
  if (!reader.done() || !context.empty()) return fail(Error::kMalformedCertificate);
  CertificateMessage message;
  while (!list.empty()) {
    const Bytes certificate = list.vector24();
    const Bytes extensions = list.vector16();
    if (!list.ok() || certificate.empty()) return fail(Error::kMalformedCertificate);
    if (message.chain.size() == kMaxChainLength) return fail(Error::kCertificateInvalid);
    const auto ocsp_response = parse_entry_extensions(extensions, asked_for_status);
    if (!ocsp_response) return fail(ocsp_response.error());
    if (message.chain.empty()) message.ocsp_response = *ocsp_response;
    message.chain.push_back(certificate);
  }
  return message;
}

}  // namespace heliograph::tls
