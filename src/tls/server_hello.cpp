#include "tls/server_hello.hpp"

#include <optional>

#include "base/reader.hpp"
#include "tls/client_hello.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

void write_key_share(const ServerHello& hello, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kKeyShare);
  out.u16(static_cast<std::uint16_t>(hello.group));
  if (hello.is_hello_retry_request()) return;
  const LengthPrefix<2> length(out);
  out.append(hello.key_exchange);
}

void write_supported_versions(Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kSupportedVersions);
  out.u16(kVersionTls13);
}

Result<void, Error> parse_key_share(Bytes data, ServerHello& hello) {
  Reader reader(data);
  hello.group = static_cast<NamedGroup>(reader.u16());
  if (!hello.is_hello_retry_request()) {
    hello.key_exchange = reader.vector16();
    if (hello.key_exchange.empty()) return fail(Error::kMalformedExtension);
  }
  if (!reader.done()) return fail(Error::kMalformedExtension);
  return {};
}

Result<void, Error> check_selected_version(Bytes data) {
  Reader reader(data);
  const std::uint16_t version = reader.u16();
  if (!reader.done()) return fail(Error::kMalformedExtension);
  if (version != kVersionTls13) return fail(Error::kUnsupportedVersion);
  return {};
}

Result<void, Error> parse_extensions(Bytes block, ServerHello& hello) {
  bool has_version = false;
  bool has_share = false;
  const std::uint8_t in = hello.is_hello_retry_request() ? carrier::kHRR : carrier::kSH;
  const auto walked =
      walk_extensions(block, in, [&](ExtensionType type, Bytes data) -> Result<void, Error> {
        if (type == ExtensionType::kSupportedVersions) {
          has_version = true;
          return check_selected_version(data);
        }
        if (type == ExtensionType::kKeyShare) {
          has_share = true;
          return parse_key_share(data, hello);
        }
        return {};
      });
  if (!walked) return walked;
  if (!has_version) return fail(Error::kUnsupportedVersion);
  if (!has_share) return fail(Error::kMissingKeyShare);
  return {};
}

}  // namespace

void write_server_hello(const ServerHello& hello, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kServerHello);
  out.u16(kVersionTls12);
  out.append(hello.random);
  {
    const LengthPrefix<1> length(out);
    out.append(hello.legacy_session_id_echo);
  }
  out.u16(static_cast<std::uint16_t>(hello.cipher_suite));
  out.u8(0);  // legacy_compression_method
  const LengthPrefix<2> length(out);
  write_key_share(hello, out);
  write_supported_versions(out);
}

Result<ServerHello, Error> parse_server_hello(Bytes body) {
  Reader reader(body);
  ServerHello hello{};
  reader.u16();  // legacy_version
  hello.random = reader.bytes(kRandomSize);
  hello.legacy_session_id_echo = reader.vector8();
  hello.cipher_suite = static_cast<CipherSuite>(reader.u16());
  const std::uint8_t compression_method = reader.u8();
  const Bytes extensions = reader.vector16();
  if (!reader.done()) return fail(Error::kMalformedServerHello);
  if (compression_method != 0) return fail(Error::kBadCompressionMethods);
  if (auto parsed = parse_extensions(extensions, hello); !parsed) return fail(parsed.error());
  return hello;
}

}  // namespace heliograph::tls
