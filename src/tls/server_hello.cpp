#include "tls/server_hello.hpp"

#include <optional>

#include "base/reader.hpp"
#include "tls/client_hello.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

void write_key_share(const ServerHello& hello, Buffer& out) {
  if (!hello.group) return;
  const ExtensionWriter extension(out, ExtensionType::kKeyShare);
  out.u16(static_cast<std::uint16_t>(*hello.group));
  if (hello.is_hello_retry_request()) return;
  const LengthPrefix<2> length(out);
  out.append(hello.key_exchange);
}

void write_selected_identity(const ServerHello& hello, Buffer& out) {
  if (!hello.selected_identity) return;
  const ExtensionWriter extension(out, ExtensionType::kPreSharedKey);
  out.u16(*hello.selected_identity);
}

void write_cookie(const ServerHello& hello, Buffer& out) {
  if (hello.cookie.empty()) return;
  const ExtensionWriter extension(out, ExtensionType::kCookie);
  const LengthPrefix<2> length(out);
  out.append(hello.cookie);
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

Result<void, Error> parse_selected_identity(Bytes data, ServerHello& hello) {
  Reader reader(data);
  hello.selected_identity = reader.u16();
  if (!reader.done()) return fail(Error::kMalformedExtension);
  return {};
}

Result<void, Error> parse_cookie(Bytes data, ServerHello& hello) {
  Reader reader(data);
  hello.cookie = reader.vector16();
  if (!reader.done() || hello.cookie.empty()) return fail(Error::kMalformedExtension);
  return {};
}

Result<void, Error> check_selected_version(Bytes data) {
  Reader reader(data);
  const std::uint16_t version = reader.u16();
  if (!reader.done()) return fail(Error::kMalformedExtension);
  if (version != kVersionTls13) return fail(Error::kUnofferedVersion);
  return {};
}

// The extensions of an older version's hello follow other rules: whether it is one comes first.
bool has_selected_version(Bytes block) {
  Reader reader(block);
  while (reader.ok() && !reader.empty()) {
    const auto type = static_cast<ExtensionType>(reader.u16());
    reader.vector16();
    if (type == ExtensionType::kSupportedVersions) return true;
  }
  return false;
}

Result<void, Error> parse_extension(ExtensionType type, Bytes data, ServerHello& hello) {
  switch (type) {
    case ExtensionType::kSupportedVersions:
      return check_selected_version(data);
    case ExtensionType::kKeyShare:
      return parse_key_share(data, hello);
    case ExtensionType::kPreSharedKey:
      return parse_selected_identity(data, hello);
    case ExtensionType::kCookie:
      return parse_cookie(data, hello);
    default:
      return fail(Error::kUnsolicitedExtension);
  }
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
  write_selected_identity(hello, out);
  write_key_share(hello, out);
  write_cookie(hello, out);
  write_supported_versions(out);
}

Result<ServerHello, Error> parse_server_hello(Bytes body) {
  Reader reader(body);
  ServerHello hello{};
  const std::uint16_t legacy_version = reader.u16();
  hello.random = reader.bytes(kRandomSize);
  hello.legacy_session_id_echo = reader.vector8();
  hello.cipher_suite = static_cast<CipherSuite>(reader.u16());
  const std::uint8_t compression_method = reader.u8();
  // A hello of an older version may end here.
  const bool has_extensions = reader.ok() && !reader.empty();
  const Bytes extensions = has_extensions ? reader.vector16() : Bytes{};
  if (!reader.done()) return fail(Error::kMalformedServerHello);
  if (!has_selected_version(extensions)) return fail(Error::kUnsupportedVersion);
  if (legacy_version != kVersionTls12) return fail(Error::kUnofferedVersion);
  if (compression_method != 0) return fail(Error::kBadCompressionMethods);

  const std::uint8_t in = hello.is_hello_retry_request() ? carrier::kHRR : carrier::kSH;
  const auto walked = walk_extensions(extensions, in, [&hello](ExtensionType type, Bytes data) {
    return parse_extension(type, data, hello);
  });
  if (!walked) return fail(walked.error());
  if (!hello.group && !hello.is_hello_retry_request()) return fail(Error::kMissingKeyShare);
  return hello;
}

}  // namespace heliograph::tls
