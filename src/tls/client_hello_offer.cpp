#include "tls/client_hello_offer.hpp"

#include <algorithm>
#include <functional>
#include <random>

#include "tls/code_points.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/extensions.hpp"
#include "tls/grease.hpp"
#include "tls/handshake_message.hpp"
#include "tls/record_size_limit.hpp"

namespace heliograph::tls {
namespace {

constexpr std::uint8_t kHostName = 0;
constexpr std::uint8_t kOcsp = 1;
constexpr std::uint8_t kPskDheKe = 1;

// Which of the random bytes chooses what.
enum GreaseUse : std::uint8_t {
  kSuite,
  kGroup,
  kVersion,
  kFirstExtension,
  kLastExtension,
  kSignatureScheme,
};

std::optional<std::uint16_t> grease(const ClientHelloOffer& offer, GreaseUse use) {
  if (!offer.grease) return std::nullopt;
  return grease_value((*offer.grease)[use]);
}

std::vector<std::uint16_t> with_grease(std::optional<std::uint16_t> first,
                                       std::span<const std::uint16_t> values) {
  std::vector<std::uint16_t> all;
  if (first) all.push_back(*first);
  all.insert(all.end(), values.begin(), values.end());
  return all;
}

void write_server_name(const ClientHelloOffer& offer, Buffer& out) {
  if (offer.server_name.empty()) return;
  const ExtensionWriter extension(out, ExtensionType::kServerName);
  const LengthPrefix<2> list(out);
  out.u8(kHostName);
  const LengthPrefix<2> name(out);
  out.append(offer.server_name);
}

void write_status_request(const ClientHelloOffer& offer, Buffer& out) {
  if (!offer.asks_for_status) return;
  const ExtensionWriter extension(out, ExtensionType::kStatusRequest);
  out.u8(kOcsp);
  out.u16(0);  // responder_id_list
  out.u16(0);  // request_extensions
}

void write_supported_groups(const ClientHelloOffer& offer, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kSupportedGroups);
  write_code_points(with_grease(grease(offer, kGroup), offer.supported_groups), 2, out);
}

void write_signature_algorithms(const ClientHelloOffer& offer, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kSignatureAlgorithms);
  write_code_points(with_grease(grease(offer, kSignatureScheme), offer.signature_algorithms), 2,
                    out);
}

void write_protocols(const ClientHelloOffer& offer, Buffer& out) {
  if (offer.application_protocols.empty()) return;
  const ExtensionWriter extension(out, ExtensionType::kApplicationLayerProtocolNegotiation);
  const LengthPrefix<2> list(out);
  for (const std::string& protocol : offer.application_protocols) {
    const LengthPrefix<1> name(out);
    out.append(protocol);
  }
}

void write_compression(const ClientHelloOffer& offer, Buffer& out) {
  if (!offer.takes_compressed_certificate) return;
  const ExtensionWriter extension(out, ExtensionType::kCompressCertificate);
  write_code_points(std::array{kCertificateCompressionZlib}, 1, out);
}

void write_size_limit(const ClientHelloOffer& offer, Buffer& out) {
  if (offer.record_size_limit) write_record_size_limit(*offer.record_size_limit, out);
}

void write_early_data(const ClientHelloOffer& offer, Buffer& out) {
  if (offer.early_data) const ExtensionWriter extension(out, ExtensionType::kEarlyData);
}

void write_versions(const ClientHelloOffer& offer, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kSupportedVersions);
  write_code_points(with_grease(grease(offer, kVersion), std::array{kVersionTls13}), 1, out);
}

void write_cookie(const ClientHelloOffer& offer, Buffer& out) {
  if (offer.cookie.empty()) return;
  const ExtensionWriter extension(out, ExtensionType::kCookie);
  const LengthPrefix<2> length(out);
  out.append(offer.cookie);
}

void write_psk_modes(const ClientHelloOffer& /*offer*/, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kPskKeyExchangeModes);
  const LengthPrefix<1> modes(out);
  out.u8(kPskDheKe);
}

void write_key_share(std::uint16_t group, Bytes key_exchange, Buffer& out) {
  out.u16(group);
  const LengthPrefix<2> length(out);
  out.append(key_exchange);
}

void write_key_shares(const ClientHelloOffer& offer, Buffer& out) {
  static constexpr std::array<std::uint8_t, 1> kMeaningless = {0};
  const ExtensionWriter extension(out, ExtensionType::kKeyShare);
  const LengthPrefix<2> list(out);
  const auto group = grease(offer, kGroup);
  if (group && !offer.answers_retry_request) write_key_share(*group, kMeaningless, out);
  for (const KeyShareEntry& share : offer.key_shares) {
    write_key_share(share.group, share.key_exchange, out);
  }
}

using WriteExtension = void (*)(const ClientHelloOffer&, Buffer&);

// Ascending by code point; pre_shared_key has to be the last and is not among them.
constexpr std::array<WriteExtension, 12> kExtensions = {
    write_server_name, write_status_request, write_supported_groups, write_signature_algorithms,
    write_protocols,   write_compression,    write_size_limit,       write_early_data,
    write_versions,    write_cookie,         write_psk_modes,        write_key_shares};

void write_extensions(const ClientHelloOffer& offer, Buffer& out) {
  auto order = kExtensions;
  if (offer.order) std::ranges::shuffle(order, std::mt19937_64(*offer.order));

  std::optional<std::uint16_t> first = grease(offer, kFirstExtension);
  std::optional<std::uint16_t> last = grease(offer, kLastExtension);
  if (first && first == last) last = static_cast<std::uint16_t>(*last ^ 0x1010);
  if (first) const ExtensionWriter empty(out, static_cast<ExtensionType>(*first));
  for (const WriteExtension write : order) write(offer, out);
  if (last) {
    const ExtensionWriter extension(out, static_cast<ExtensionType>(*last));
    out.u8(0);
  }
  if (offer.pre_shared_key) write_pre_shared_key(*offer.pre_shared_key, offer.binder_size, out);
}

}  // namespace

void write_client_hello(const ClientHelloOffer& offer, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kClientHello);
  out.u16(kVersionTls12);
  out.append(offer.random);
  {
    const LengthPrefix<1> length(out);
    out.append(offer.legacy_session_id);
  }
  write_code_points(with_grease(grease(offer, kSuite), offer.cipher_suites), 2, out);
  out.u8(1);  // legacy_compression_methods: null
  out.u8(0);
  const LengthPrefix<2> extensions(out);
  write_extensions(offer, out);
}

}  // namespace heliograph::tls
