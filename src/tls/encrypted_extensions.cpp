#include "tls/encrypted_extensions.hpp"

#include "base/reader.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

void write_protocol(std::string_view protocol, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kApplicationLayerProtocolNegotiation);
  const LengthPrefix<2> list(out);
  const LengthPrefix<1> name(out);
  out.append(protocol);
}

// RFC 7301 section 3.1: "MUST contain exactly one ProtocolName".
Result<void, Error> parse_protocol(Bytes data, EncryptedExtensions& extensions) {
  Reader outer(data);
  Reader list(outer.vector16());
  const Bytes name = list.vector8();
  if (!outer.done() || !list.done() || name.empty()) return fail(Error::kMalformedExtension);
  extensions.application_protocol = as_text(name);
  return {};
}

}  // namespace

void write_encrypted_extensions(const EncryptedExtensions& extensions, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kEncryptedExtensions);
  const LengthPrefix<2> length(out);
  if (extensions.acknowledges_server_name) {
    const ExtensionWriter empty(out, ExtensionType::kServerName);
  }
  if (!extensions.application_protocol.empty()) {
    write_protocol(extensions.application_protocol, out);
  }
}

Result<EncryptedExtensions, Error> parse_encrypted_extensions(Bytes body) {
  Reader reader(body);
  const Bytes block = reader.vector16();
  if (!reader.done()) return fail(Error::kMalformedEncryptedExtensions);
  EncryptedExtensions extensions;
  const auto walked = walk_extensions(
      block, carrier::kEE, [&extensions](ExtensionType type, Bytes data) -> Result<void, Error> {
        if (type == ExtensionType::kApplicationLayerProtocolNegotiation) {
          return parse_protocol(data, extensions);
        }
        if (type == ExtensionType::kServerName) {
          if (!data.empty()) return fail(Error::kMalformedExtension);
          extensions.acknowledges_server_name = true;
        }
        return {};
      });
  if (!walked) return fail(walked.error());
  return extensions;
}

}  // namespace heliograph::tls
