#include "tls/client_hello.hpp"

#include <algorithm>

#include "tls/compressed_certificate.hpp"
#include "tls/distinguished_names.hpp"
#include "tls/extensions.hpp"
#include "tls/record_size_limit.hpp"

namespace heliograph::tls {
namespace {

constexpr std::uint16_t kVersionSsl3 = 0x0300;
constexpr std::uint8_t kHostName = 0;
constexpr std::uint8_t kOcsp = 1;
constexpr std::uint8_t kPskDheKe = 1;
// DNS names end at 253 characters; a longer one is no name.
constexpr std::size_t kMaxServerName = 255;

// The fields of the struct, not yet interpreted.
struct Fields {
  std::uint16_t legacy_version = 0;
  Bytes random;
  Bytes legacy_session_id;
  Bytes cipher_suites;
  Bytes compression_methods;
  Bytes extensions;
};

// The data of the extensions that a server looks into.
struct RawExtensions {
  std::optional<Bytes> server_name;
  std::optional<Bytes> status_request;
  std::optional<Bytes> supported_groups;
  std::optional<Bytes> signature_algorithms;
  std::optional<Bytes> application_protocols;
  std::optional<Bytes> compress_certificate;
  std::optional<Bytes> record_size_limit;
  std::optional<Bytes> certificate_authorities;
  std::optional<Bytes> early_data;
  std::optional<Bytes> supported_versions;
  std::optional<Bytes> psk_key_exchange_modes;
  std::optional<Bytes> key_share;
  std::optional<Bytes> pre_shared_key;
  bool pre_shared_key_is_last = false;

  std::optional<Bytes>* find(ExtensionType type) {
    switch (type) {
      case ExtensionType::kServerName:
        return &server_name;
      case ExtensionType::kSupportedGroups:
        return &supported_groups;
      case ExtensionType::kSignatureAlgorithms:
        return &signature_algorithms;
      case ExtensionType::kApplicationLayerProtocolNegotiation:
        return &application_protocols;
      case ExtensionType::kStatusRequest:
        return &status_request;
      case ExtensionType::kCompressCertificate:
        return &compress_certificate;
      case ExtensionType::kRecordSizeLimit:
        return &record_size_limit;
      case ExtensionType::kCertificateAuthorities:
        return &certificate_authorities;
      case ExtensionType::kEarlyData:
        return &early_data;
      case ExtensionType::kSupportedVersions:
        return &supported_versions;
      case ExtensionType::kPskKeyExchangeModes:
        return &psk_key_exchange_modes;
      case ExtensionType::kKeyShare:
        return &key_share;
      case ExtensionType::kPreSharedKey:
        return &pre_shared_key;
      default:
        return nullptr;
    }
  }
};

Result<Fields, Error> parse_fields(Bytes body) {
  Reader reader(body);
  Fields fields;
  fields.legacy_version = reader.u16();
  fields.random = reader.bytes(kRandomSize);
  fields.legacy_session_id = reader.vector8();
  fields.cipher_suites = reader.vector16();
  fields.compression_methods = reader.vector8();
  // A hello of an older version may end here.
  if (reader.ok() && !reader.empty()) fields.extensions = reader.vector16();
  const bool well_formed =
      reader.done() && fields.legacy_session_id.size() <= kMaxLegacySessionId &&
      fields.cipher_suites.size() >= 2 && fields.cipher_suites.size() % 2 == 0 &&
      !fields.compression_methods.empty();
  if (!well_formed) return fail(Error::kMalformedClientHello);
  return fields;
}

Result<RawExtensions, Error> collect_extensions(Bytes block) {
  RawExtensions raw;
  const auto walked = walk_extensions(block, carrier::kCH, [&raw](ExtensionType type, Bytes data) {
    if (std::optional<Bytes>* slot = raw.find(type)) *slot = data;
    raw.pre_shared_key_is_last = type == ExtensionType::kPreSharedKey;
    return Result<void, Error>{};
  });
  if (!walked) return fail(walked.error());
  return raw;
}

// "If this extension is not present, servers [...] MUST negotiate TLS 1.2 or prior": there is none
// here. "If this extension is present, servers MUST NOT use the ClientHello.legacy_version value
// for version negotiation", but SSL 3.0 and what was before it are refused in any case.
Result<void, Error> check_version(const Fields& fields, const RawExtensions& raw) {
  if (fields.legacy_version <= kVersionSsl3) return fail(Error::kUnsupportedVersion);
  if (!raw.supported_versions) return fail(Error::kUnsupportedVersion);
  const auto versions = parse_code_points(*raw.supported_versions, 1);
  if (!versions) return fail(versions.error());
  if (!versions->contains(kVersionTls13)) return fail(Error::kUnsupportedVersion);
  return {};
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxServerName &&
         std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
}

// ServerNameList of RFC 6066 section 3: "MUST NOT contain more than one name of the same
// name_type"; types other than host_name are skipped.
Result<std::string_view, Error> parse_server_name(Bytes data) {
  Reader outer(data);
  Reader list(outer.vector16());
  if (!outer.done() || list.empty()) return fail(Error::kMalformedExtension);
  std::optional<std::string_view> host_name;
  while (!list.empty()) {
    const std::uint8_t type = list.u8();
    const Bytes name = list.vector16();
    if (!list.ok()) return fail(Error::kMalformedExtension);
    if (type != kHostName) continue;
    if (host_name || !is_host_name(as_text(name))) return fail(Error::kBadServerName);
    host_name = as_text(name);
  }
  return host_name.value_or(std::string_view{});
}

// ProtocolNameList of RFC 7301 section 3.1: "Empty strings MUST NOT be included".
Result<Bytes, Error> parse_protocols(Bytes data) {
  Reader outer(data);
  const Bytes list = outer.vector16();
  if (!outer.done() || list.empty()) return fail(Error::kMalformedExtension);
  Reader names(list);
  while (!names.empty()) {
    if (names.vector8().empty()) return fail(Error::kMalformedExtension);
  }
  return list;
}

Result<KeyShares, Error> parse_key_shares(Bytes data, CodePoints supported_groups) {
  Reader outer(data);
  const Bytes list = outer.vector16();
  if (!outer.done()) return fail(Error::kMalformedExtension);

  SeenCodePoints listed;
  for (std::size_t i = 0; i < supported_groups.size(); ++i) listed.insert(supported_groups[i]);
  SeenCodePoints shared;
  Reader entries(list);
  while (!entries.empty()) {
    const std::uint16_t group = entries.u16();
    if (entries.vector16().empty()) return fail(Error::kMalformedExtension);
    if (!shared.insert(group)) return fail(Error::kDuplicateKeyShare);
    if (!listed.contains(group)) return fail(Error::kKeyShareWithoutGroup);
  }
  return KeyShares(list);
}

// Whether psk_dhe_ke is among the modes.
Result<bool, Error> parse_psk_modes(Bytes data) {
  Reader reader(data);
  const Bytes modes = reader.vector8();
  if (!reader.done() || modes.empty()) return fail(Error::kMalformedExtension);
  return std::ranges::find(modes, kPskDheKe) != modes.end();
}

// Everything about pre-shared keys that is right or wrong before one is selected.
Result<void, Error> parse_pre_shared_key(const RawExtensions& raw, ClientHello& hello) {
  if (raw.psk_key_exchange_modes) {
    const auto allows_dhe = parse_psk_modes(*raw.psk_key_exchange_modes);
    if (!allows_dhe) return fail(allows_dhe.error());
    hello.allows_psk_with_dhe = *allows_dhe;
  }
  if (raw.early_data) {
    if (!raw.early_data->empty()) return fail(Error::kMalformedExtension);
    hello.offers_early_data = true;
  }
  if (!raw.pre_shared_key) return {};
  if (!raw.pre_shared_key_is_last) return fail(Error::kPreSharedKeyNotLast);
  if (!raw.psk_key_exchange_modes) return fail(Error::kPreSharedKeyWithoutModes);
  const auto offered = OfferedPsks::parse(*raw.pre_shared_key);
  if (!offered) return fail(offered.error());
  hello.pre_shared_keys = *offered;
  return {};
}

// The extensions without which no handshake can go on here (section 9.2). With a pre-shared key,
// signature_algorithms is needed only when the key is not taken.
Result<void, Error> check_mandatory(const RawExtensions& raw) {
  if (!raw.supported_groups) return fail(Error::kMissingSupportedGroups);
  if (!raw.key_share) return fail(Error::kMissingKeyShare);
  if (!raw.signature_algorithms && !raw.pre_shared_key) {
    return fail(Error::kMissingSignatureAlgorithms);
  }
  return {};
}

Result<void, Error> parse_negotiation(const RawExtensions& raw, ClientHello& hello) {
  const auto groups = parse_code_points(*raw.supported_groups, 2);
  if (!groups) return fail(groups.error());
  hello.supported_groups = *groups;
  if (raw.signature_algorithms) {
    const auto schemes = parse_code_points(*raw.signature_algorithms, 2);
    if (!schemes) return fail(schemes.error());
    hello.signature_algorithms = *schemes;
  }
  const auto shares = parse_key_shares(*raw.key_share, *groups);
  if (!shares) return fail(shares.error());
  hello.key_shares = *shares;
  return {};
}

Result<void, Error> parse_names(const RawExtensions& raw, ClientHello& hello) {
  if (raw.server_name) {
    const auto name = parse_server_name(*raw.server_name);
    if (!name) return fail(name.error());
    hello.server_name = *name;
  }
  if (raw.application_protocols) {
    const auto protocols = parse_protocols(*raw.application_protocols);
    if (!protocols) return fail(protocols.error());
    hello.application_protocols = *protocols;
  }
  return {};
}

bool has_duplicates(CodePoints values) {
  SeenCodePoints seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!seen.insert(values[i])) return true;
  }
  return false;
}

// CertificateStatusRequest of RFC 6066 section 8: the responder identifiers and extensions of a
// request of type ocsp are not looked at.
Result<void, Error> parse_status_request(Bytes data, ClientHello& hello) {
  Reader reader(data);
  if (reader.u8() != kOcsp) return {};
  reader.vector16();
  reader.vector16();
  if (!reader.done()) return fail(Error::kMalformedExtension);
  hello.asks_for_status = true;
  return {};
}

Result<void, Error> parse_record_and_certificate_options(const RawExtensions& raw,
                                                         ClientHello& hello) {
  if (raw.status_request) {
    if (auto parsed = parse_status_request(*raw.status_request, hello); !parsed) return parsed;
  }
  if (raw.compress_certificate) {
    const auto algorithms = parse_code_points(*raw.compress_certificate, 1);
    if (!algorithms) return fail(algorithms.error());
    if (has_duplicates(*algorithms)) return fail(Error::kMalformedExtension);
    hello.takes_compressed_certificate = algorithms->contains(kCertificateCompressionZlib);
  }
  if (raw.certificate_authorities) {
    const auto names = parse_distinguished_names(*raw.certificate_authorities);
    if (!names) return fail(names.error());
  }
  if (raw.record_size_limit) {
    const auto limit = parse_record_size_limit(*raw.record_size_limit);
    if (!limit) return fail(limit.error());
    hello.record_size_limit = *limit;
  }
  return {};
}

bool may_change_in_retry(ExtensionType type) {
  switch (type) {
    case ExtensionType::kKeyShare:
    case ExtensionType::kEarlyData:
    case ExtensionType::kCookie:
    case ExtensionType::kPreSharedKey:
    case ExtensionType::kPadding:
    case ExtensionType::kEncryptedClientHello:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::size_t KeyShares::count() const {
  std::size_t count = 0;
  for (Reader entries(encoded_); !entries.empty(); ++count) {
    entries.u16();
    entries.vector16();
  }
  return count;
}

std::optional<Bytes> KeyShares::find(NamedGroup group) const {
  Reader entries(encoded_);
  while (!entries.empty()) {
    const std::uint16_t entry_group = entries.u16();
    const Bytes key_exchange = entries.vector16();
    if (entry_group == static_cast<std::uint16_t>(group)) return key_exchange;
  }
  return std::nullopt;
}

bool ClientHello::offers_protocol(std::string_view protocol) const {
  if (!application_protocols) return false;
  Reader names(*application_protocols);
  while (!names.empty()) {
    if (as_text(names.vector8()) == protocol) return true;
  }
  return false;
}

Result<ClientHello, Error> parse_client_hello(Bytes body) {
  const auto fields = parse_fields(body);
  if (!fields) return fail(fields.error());
  const auto raw = collect_extensions(fields->extensions);
  if (!raw) return fail(raw.error());
  if (auto version = check_version(*fields, *raw); !version) return fail(version.error());
  // "For every TLS 1.3 ClientHello, this vector MUST contain exactly one byte, set to zero".
  if (!equal(fields->compression_methods, std::array<std::uint8_t, 1>{0})) {
    return fail(Error::kBadCompressionMethods);
  }
  ClientHello hello;
  if (auto psk = parse_pre_shared_key(*raw, hello); !psk) return fail(psk.error());
  if (auto mandatory = check_mandatory(*raw); !mandatory) return fail(mandatory.error());
  hello.random = fields->random;
  hello.legacy_session_id = fields->legacy_session_id;
  hello.cipher_suites = CodePoints(fields->cipher_suites);
  if (auto parsed = parse_negotiation(*raw, hello); !parsed) return fail(parsed.error());
  if (auto parsed = parse_names(*raw, hello); !parsed) return fail(parsed.error());
  if (auto parsed = parse_record_and_certificate_options(*raw, hello); !parsed) {
    return fail(parsed.error());
  }
  return hello;
}

void append_unchanging_parts(Bytes body, Buffer& out) {
  const auto fields = parse_fields(body);
  if (!fields) return;
  // Everything in front of the extensions, and each extension that has to stay.
  out.append(body.first(body.size() - fields->extensions.size() - 2));
  Reader reader(fields->extensions);
  while (!reader.empty()) {
    const std::uint16_t type = reader.u16();
    const Bytes data = reader.vector16();
    if (may_change_in_retry(static_cast<ExtensionType>(type))) continue;
    out.u16(type);
    out.u16(static_cast<std::uint16_t>(data.size()));
    out.append(data);
  }
}

}  // namespace heliograph::tls
