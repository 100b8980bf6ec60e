#include "tls/client_hello.hpp"

#include <algorithm>

#include "tls/extensions.hpp"

namespace heliograph::tls {
namespace {

constexpr std::size_t kMaxSessionId = 32;
constexpr std::uint16_t kVersionSsl3 = 0x0300;
constexpr std::uint8_t kHostName = 0;
// DNS names end at 253 characters; a longer one is no name.
constexpr std::size_t kMaxServerName = 255;
constexpr std::size_t kMinBinder = 32;

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
  std::optional<Bytes> supported_groups;
  std::optional<Bytes> signature_algorithms;
  std::optional<Bytes> application_protocols;
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
  const bool well_formed = reader.done() && fields.legacy_session_id.size() <= kMaxSessionId &&
                           fields.cipher_suites.size() >= 2 &&
                           fields.cipher_suites.size() % 2 == 0 &&
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

// A vector of code points that is not empty, behind a length field of `length_width` bytes, and
// nothing else.
Result<CodePoints, Error> parse_code_points(Bytes data, std::size_t length_width) {
  Reader reader(data);
  const Bytes list = length_width == 1 ? reader.vector8() : reader.vector16();
  if (!reader.done() || list.empty() || list.size() % 2 != 0) {
    return fail(Error::kMalformedExtension);
  }
  return CodePoints(list);
}

// "If this extension is not present, servers [...] MUST negotiate TLS 1.2 or prior": there is none
// here. "If this extension is present, servers MUST NOT use the ClientHello.legacy_version value
// for version negotiation", but SSL 3.0 is refused in any case.
Result<void, Error> check_version(const Fields& fields, const RawExtensions& raw) {
  if (fields.legacy_version == kVersionSsl3) return fail(Error::kUnsupportedVersion);
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

Result<std::size_t, Error> count_identities(Bytes list) {
  Reader identities(list);
  std::size_t count = 0;
  for (; !identities.empty(); ++count) {
    if (identities.vector16().empty()) return fail(Error::kMalformedExtension);
    identities.u32();  // obfuscated_ticket_age
    if (!identities.ok()) return fail(Error::kMalformedExtension);
  }
  return count;
}

Result<std::size_t, Error> count_binders(Bytes list) {
  Reader binders(list);
  std::size_t count = 0;
  for (; !binders.empty(); ++count) {
    if (binders.vector8().size() < kMinBinder) return fail(Error::kMalformedExtension);
  }
  return count;
}

Result<void, Error> check_offered_psks(Bytes data) {
  Reader reader(data);
  const Bytes identity_list = reader.vector16();
  const Bytes binder_list = reader.vector16();
  if (!reader.done() || identity_list.empty() || binder_list.empty()) {
    return fail(Error::kMalformedExtension);
  }
  const auto identities = count_identities(identity_list);
  if (!identities) return fail(identities.error());
  const auto binders = count_binders(binder_list);
  if (!binders) return fail(binders.error());
  if (*identities != *binders) return fail(Error::kBinderCountMismatch);
  return {};
}

Result<void, Error> check_psk_modes(Bytes data) {
  Reader reader(data);
  const Bytes modes = reader.vector8();
  if (!reader.done() || modes.empty()) return fail(Error::kMalformedExtension);
  return {};
}

// Everything about pre-shared keys that is right or wrong before one is selected.
Result<void, Error> check_pre_shared_key(const RawExtensions& raw) {
  if (raw.psk_key_exchange_modes) {
    if (auto modes = check_psk_modes(*raw.psk_key_exchange_modes); !modes) return modes;
  }
  if (raw.early_data) {
    if (!raw.early_data->empty()) return fail(Error::kMalformedExtension);
    if (!raw.pre_shared_key) return fail(Error::kEarlyDataWithoutPreSharedKey);
  }
  if (!raw.pre_shared_key) return {};
  if (!raw.pre_shared_key_is_last) return fail(Error::kPreSharedKeyNotLast);
  if (!raw.psk_key_exchange_modes) return fail(Error::kPreSharedKeyWithoutModes);
  return check_offered_psks(*raw.pre_shared_key);
}

// The extensions without which a certificate handshake cannot go on (section 9.2).
Result<void, Error> check_mandatory(const RawExtensions& raw) {
  if (!raw.supported_groups) return fail(Error::kMissingSupportedGroups);
  if (!raw.key_share) return fail(Error::kMissingKeyShare);
  if (!raw.signature_algorithms) return fail(Error::kMissingSignatureAlgorithms);
  return {};
}

Result<void, Error> parse_negotiation(const RawExtensions& raw, ClientHello& hello) {
  const auto groups = parse_code_points(*raw.supported_groups, 2);
  if (!groups) return fail(groups.error());
  hello.supported_groups = *groups;
  const auto schemes = parse_code_points(*raw.signature_algorithms, 2);
  if (!schemes) return fail(schemes.error());
  hello.signature_algorithms = *schemes;
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

bool CodePoints::contains(std::uint16_t value) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if ((*this)[i] == value) return true;
  }
  return false;
}

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
  if (auto psk = check_pre_shared_key(*raw); !psk) return fail(psk.error());
  if (auto mandatory = check_mandatory(*raw); !mandatory) return fail(mandatory.error());

  ClientHello hello;
  hello.random = fields->random;
  hello.legacy_session_id = fields->legacy_session_id;
  hello.cipher_suites = CodePoints(fields->cipher_suites);
  hello.offers_early_data = raw->early_data.has_value();
  if (auto parsed = parse_negotiation(*raw, hello); !parsed) return fail(parsed.error());
  if (auto parsed = parse_names(*raw, hello); !parsed) return fail(parsed.error());
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
