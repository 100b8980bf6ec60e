// ClientHello (RFC 9846 section 4.2.2) and the extensions of it that a server acts upon.
//
//      struct {
//          ProtocolVersion legacy_version = 0x0303;
//          Random random;
//          opaque legacy_session_id<0..32>;
//          CipherSuite cipher_suites<2..2^16-2>;
//          opaque legacy_compression_methods<1..2^8-1>;
//          Extension extensions<7..2^16-1>;
//      } ClientHello;
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

inline constexpr std::size_t kRandomSize = 32;

// Hybrid shares and long tickets make large hellos; beyond this somebody makes us buffer.
inline constexpr std::size_t kMaxClientHello = std::size_t{64} * 1024;

// A list of 16-bit code points, as it lies in the message.
class CodePoints {
 public:
  CodePoints() = default;
  explicit CodePoints(Bytes encoded) : encoded_(encoded) {}

  [[nodiscard]] std::size_t size() const { return encoded_.size() / 2; }
  [[nodiscard]] std::uint16_t operator[](std::size_t index) const {
    return static_cast<std::uint16_t>(encoded_[2 * index] << 8 | encoded_[2 * index + 1]);
  }
  [[nodiscard]] bool contains(std::uint16_t value) const;

 private:
  Bytes encoded_;
};

struct KeyShareEntry {
  std::uint16_t group;
  Bytes key_exchange;
};

// client_shares of KeyShareClientHello, checked when the message was parsed.
class KeyShares {
 public:
  KeyShares() = default;
  explicit KeyShares(Bytes encoded) : encoded_(encoded) {}

  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::optional<Bytes> find(NamedGroup group) const;

 private:
  Bytes encoded_;
};

// Views into the message.
struct ClientHello {
  Bytes random;
  Bytes legacy_session_id;
  CodePoints cipher_suites;
  CodePoints supported_groups;
  CodePoints signature_algorithms;
  KeyShares key_shares;
  // host_name of server_name; empty if the extension is absent.
  std::string_view server_name;
  // The ProtocolNameList of ALPN, without its length field; nothing if the extension is absent.
  std::optional<Bytes> application_protocols;
  bool offers_early_data = false;

  [[nodiscard]] bool offers_protocol(std::string_view protocol) const;
};

// Decodes the body and checks every rule of TLS 1.3 that concerns this message alone. A hello
// without TLS 1.3 in supported_versions is kUnsupportedVersion, whatever else is wrong with it.
Result<ClientHello, Error> parse_client_hello(Bytes body);

// The parts of a ClientHello that the answer to a HelloRetryRequest may not change (section 4.2.2),
// one after the other: all but key_share, early_data, cookie, pre_shared_key, padding, and
// encrypted_client_hello (RFC 9849 section 6.1.5). Requires a body that was parsed.
void append_unchanging_parts(Bytes body, Buffer& out);

}  // namespace heliograph::tls
