#include "tls/encrypted_extensions.hpp"

#include "base/reader.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"
#include "tls/record_size_limit.hpp"

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

bool is_solicited(ExtensionType type, SolicitedExtensions solicited) {
  switch (type) {
    case ExtensionType::kServerName:
      return solicited.server_name;
    case ExtensionType::kApplicationLayerProtocolNegotiation:
      return solicited.application_protocols;
    case ExtensionType::kRecordSizeLimit:
      return solicited.record_size_limit;
    case ExtensionType::kEarlyData:
      return solicited.early_data;
    case ExtensionType::kSupportedGroups:
      return true;
    default:
      return false;
  }
}

Result<void, Error> parse_extension(ExtensionType type, Bytes data,
                                    EncryptedExtensions& extensions) {
  switch (type) {
    case ExtensionType::kApplicationLayerProtocolNegotiation:
      return parse_protocol(data, extensions);
    case ExtensionType::kServerName:
      if (!data.empty()) return fail(Error::kMalformedExtension);
      extensions.acknowledges_server_name = true;
      return {};
    case ExtensionType::kEarlyData:
      if (!data.empty()) return fail(Error::kMalformedExtension);
      extensions.accepts_early_data = true;
      return {};
    case ExtensionType::kRecordSizeLimit: {
      const auto limit = parse_record_size_limit(data);
      if (!limit) return fail(limit.error());
      extensions.record_size_limit = *limit;
      return {};
    }
    default:
      return {};
  }
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
  if (extensions.record_size_limit) write_record_size_limit(*extensions.record_size_limit, out);
  if (extensions.accepts_early_data) {
    const ExtensionWriter empty(out, ExtensionType::kEarlyData);
  }
}

Result<EncryptedExtensions, Error> parse_encrypted_extensions(Bytes body,
                                                              SolicitedExtensions solicited) {
  Reader reader(body);
  const Bytes block = reader.vector16();
  if (!reader.done()) return fail(Error::kMalformedEncryptedExtensions);
  EncryptedExtensions extensions;
  const auto walked = walk_extensions(block, carrier::kEE,
                                      [&](ExtensionType type, Bytes data) -> Result<void, Error> {
                                        if (!is_solicited(type, solicited))
                                          return fail(Error::kUnsolicitedExtension);
                                        return parse_extension(type, data, extensions);
                                      });
  if (!walked) return fail(walked.error());
  return extensions;
}

}  // namespace heliograph::tls
