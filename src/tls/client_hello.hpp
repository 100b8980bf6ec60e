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
#include "tls/code_points.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"
#include "tls/pre_shared_key.hpp"

namespace heliograph::tls {

// Hybrid shares and long tickets make large hellos; beyond this somebody makes us buffer.
inline constexpr std::size_t kMaxClientHello = std::size_t{64} * 1024;

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
  // Nothing if the extension is absent.
  std::optional<OfferedPsks> pre_shared_keys;
  // psk_dhe_ke is among the modes: the only one that is supported here.
  bool allows_psk_with_dhe = false;
  bool offers_early_data = false;
  bool asks_for_status = false;
  bool takes_compressed_certificate = false;
  std::optional<std::uint16_t> record_size_limit;

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
