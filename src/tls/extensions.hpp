// Extensions (RFC 9846 section 4.3): the table of which may appear where, and the walk over a
// block of them.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

enum class ExtensionType : std::uint16_t {
  kServerName = 0,
  kStatusRequest = 5,
  kSupportedGroups = 10,
  kSignatureAlgorithms = 13,
  kUseSrtp = 14,
  kHeartbeat = 15,
  kApplicationLayerProtocolNegotiation = 16,
  kClientCertificateType = 19,
  kServerCertificateType = 20,
  kPadding = 21,
  kCompressCertificate = 27,
  kRecordSizeLimit = 28,
  kDelegatedCredential = 34,
  kSupportedEktCiphers = 39,
  kPreSharedKey = 41,
  kEarlyData = 42,
  kSupportedVersions = 43,
  kCookie = 44,
  kPskKeyExchangeModes = 45,
  kCertificateAuthorities = 47,
  kOidFilters = 48,
  kPostHandshakeAuth = 49,
  kSignatureAlgorithmsCert = 50,
  kKeyShare = 51,
  kTransparencyInfo = 52,
  kExternalIdHash = 55,
  kExternalSessionId = 56,
  kQuicTransportParameters = 57,
  kTicketRequest = 58,
  kEchOuterExtensions = 64768,
  kEncryptedClientHello = 65037,
};

// The messages that carry extensions, as bits; the names are those of the RFC's table.
namespace carrier {
inline constexpr std::uint8_t kCH = 1U << 0;
inline constexpr std::uint8_t kSH = 1U << 1;
inline constexpr std::uint8_t kEE = 1U << 2;
inline constexpr std::uint8_t kCT = 1U << 3;
inline constexpr std::uint8_t kCR = 1U << 4;
inline constexpr std::uint8_t kNST = 1U << 5;
inline constexpr std::uint8_t kHRR = 1U << 6;
}  // namespace carrier

struct ExtensionRule {
  ExtensionType type;
  std::uint8_t carriers;
};

// The table of section 4.3, row by row.
inline constexpr auto kExtensionRules = [] {
  using enum ExtensionType;
  using carrier::kCH;
  using carrier::kCR;
  using carrier::kCT;
  using carrier::kEE;
  using carrier::kHRR;
  using carrier::kNST;
  using carrier::kSH;
  return std::to_array<ExtensionRule>({
      {kServerName, kCH | kEE | kCR},
      {kStatusRequest, kCH | kCR | kCT},
      {kSupportedGroups, kCH | kEE},
      {kSignatureAlgorithms, kCH | kCR},
      {kUseSrtp, kCH | kEE},
      {kHeartbeat, kCH | kEE},
      {kApplicationLayerProtocolNegotiation, kCH | kEE},
      {kClientCertificateType, kCH | kEE},
      {kServerCertificateType, kCH | kEE},
      {kPadding, kCH},
      {kCompressCertificate, kCH | kCR},
      {kRecordSizeLimit, kCH | kEE},
      {kDelegatedCredential, kCH | kCR | kCT},
      {kSupportedEktCiphers, kCH | kEE},
      {kPreSharedKey, kCH | kSH},
      {kEarlyData, kCH | kEE | kNST},
      {kSupportedVersions, kCH | kSH | kHRR},
      {kCookie, kCH | kHRR},
      {kPskKeyExchangeModes, kCH},
      {kCertificateAuthorities, kCH | kCR},
      {kOidFilters, kCR},
      {kPostHandshakeAuth, kCH},
      {kSignatureAlgorithmsCert, kCH | kCR},
      {kKeyShare, kCH | kSH | kHRR},
      {kTransparencyInfo, kCH | kCR | kCT},
      {kExternalIdHash, kCH | kEE},
      {kExternalSessionId, kCH | kEE},
      {kQuicTransportParameters, kCH | kEE},
      {kTicketRequest, kCH | kEE},
      {kEchOuterExtensions, kCH},
      {kEncryptedClientHello, kCH | kHRR | kEE},
  });
}();

// An extension that the table does not list may appear anywhere: it is not recognised.
constexpr bool may_appear(ExtensionType type, std::uint8_t in) {
  for (const ExtensionRule& rule : kExtensionRules) {
    if (rule.type == type) return (rule.carriers & in) != 0;
  }
  return true;
}

// Which 16-bit code points have been seen: duplicates are found in one pass, however many there
// are (quadratic searches are an attack). A few, as honest peers send them, are searched for; only
// for more is the set of all code points worth its 8 KiB.
class SeenCodePoints {
 public:
  // False if `value` was there already.
  bool insert(std::uint16_t value) {
    if (contains(value)) return false;
    if (count_ < few_.size()) {
      few_[count_++] = value;
      return true;
    }
    if (!rest_) rest_ = std::make_unique<All>();
    rest_->set(value);
    return true;
  }
  [[nodiscard]] bool contains(std::uint16_t value) const {
    const auto end = few_.begin() + count_;
    return std::find(few_.begin(), end, value) != end || (rest_ && rest_->test(value));
  }

 private:
  using All = std::bitset<0x10000>;

  std::array<std::uint16_t, 32> few_ = {};
  std::uint8_t count_ = 0;
  std::unique_ptr<All> rest_;
};

// Calls `visit(type, data)`, which returns Result<void, Error>, for each extension of the block
// (without the block's length field), in order. Stops at the first error.
template <class Visit>
Result<void, Error> walk_extensions(Bytes block, std::uint8_t in, const Visit& visit) {
  if (block.empty()) return {};
  SeenCodePoints seen;
  Reader reader(block);
  while (!reader.empty()) {
    const std::uint16_t number = reader.u16();
    const Bytes data = reader.vector16();
    if (!reader.ok()) return fail(Error::kMalformedExtension);
    const auto type = static_cast<ExtensionType>(number);
    if (!seen.insert(number)) return fail(Error::kDuplicateExtension);
    if (!may_appear(type, in)) return fail(Error::kMisplacedExtension);
    if (auto visited = visit(type, data); !visited) return visited;
  }
  return {};
}

// Writes the type when made, and the length of the data at the end of its scope.
class ExtensionWriter {
 public:
  ExtensionWriter(Buffer& out, ExtensionType type) : length_((write(out, type), out)) {}

 private:
  static void write(Buffer& out, ExtensionType type) { out.u16(static_cast<std::uint16_t>(type)); }

  LengthPrefix<2> length_;
};

}  // namespace heliograph::tls
