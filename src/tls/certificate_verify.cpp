#include "tls/certificate_verify.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/reader.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

Buffer signature_content(Role signer, Bytes transcript_hash) {
  static constexpr std::size_t kSpaces = 64;
  const std::string_view context = signer == Role::kServer ? "TLS 1.3, server CertificateVerify"
                                                           : "TLS 1.3, client CertificateVerify";
  Buffer content;
  std::ranges::fill(content.prepare(kSpaces), std::uint8_t{' '});
  content.commit(kSpaces);
  content.append(context);
  content.u8(0);
  content.append(transcript_hash);
  return content;
}

void write_certificate_verify(const CertificateVerify& verify, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kCertificateVerify);
  out.u16(static_cast<std::uint16_t>(verify.algorithm));
  const LengthPrefix<2> length(out);
  out.append(verify.signature);
}

Result<CertificateVerify, Error> parse_certificate_verify(Bytes body) {
  Reader reader(body);
  const std::uint16_t algorithm = reader.u16();
  const Bytes signature = reader.vector16();
  if (!reader.done()) return fail(Error::kMalformedCertificateVerify);
  return CertificateVerify{static_cast<SignatureScheme>(algorithm), signature};
}

}  // namespace heliograph::tls
