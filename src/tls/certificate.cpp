#include "tls/certificate.hpp"

#include "base/reader.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

void write_certificate(std::span<const std::vector<std::uint8_t>> chain, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kCertificate);
  out.u8(0);  // certificate_request_context
  const LengthPrefix<3> list(out);
  for (const std::vector<std::uint8_t>& certificate : chain) {
    {
      const LengthPrefix<3> length(out);
      out.append(certificate);
    }
    out.u16(0);  // extensions
  }
}

Result<std::vector<Bytes>, Error> parse_certificate(Bytes body) {
  Reader reader(body);
  const Bytes context = reader.vector8();
  Reader list(reader.vector24());
  if (!reader.done() || !context.empty() || list.empty()) {
    return fail(Error::kMalformedCertificate);
  }
  std::vector<Bytes> chain;
  while (!list.empty()) {
    const Bytes certificate = list.vector24();
    const Bytes extensions = list.vector16();
    if (!list.ok() || certificate.empty()) return fail(Error::kMalformedCertificate);
    const auto walked = walk_extensions(extensions, carrier::kCT,
                                        [](ExtensionType, Bytes) { return Result<void, Error>{}; });
    if (!walked) return fail(walked.error());
    chain.push_back(certificate);
  }
  return chain;
}

}  // namespace heliograph::tls
