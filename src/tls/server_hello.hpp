// ServerHello and HelloRetryRequest (RFC 9846 sections 4.2.3 and 4.2.4): one struct on the wire,
// told apart by a fixed value of `random`.
//
//      struct {
//          ProtocolVersion legacy_version = 0x0303;
//          Random random;
//          opaque legacy_session_id_echo<0..32>;
//          CipherSuite cipher_suite;
//          uint8 legacy_compression_method = 0;
//          Extension extensions<6..2^16-1>;
//      } ServerHello;
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

// SHA-256 of "HelloRetryRequest".
inline constexpr std::array<std::uint8_t, 32> kHelloRetryRequestRandom = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

// A key share, a cookie of up to 64 KiB, and little else.
inline constexpr std::size_t kMaxServerHello = std::size_t{72} * 1024;

struct ServerHello {
  Bytes random;
  Bytes legacy_session_id_echo;
  CipherSuite cipher_suite;
  // Absent only in a HelloRetryRequest that asks for nothing but its cookie.
  std::optional<NamedGroup> group;
  // The server's share; empty in a HelloRetryRequest, which only names the group.
  Bytes key_exchange;
  // The index of the pre-shared key that was taken. Not in a HelloRetryRequest.
  std::optional<std::uint16_t> selected_identity = {};
  // Of a HelloRetryRequest; empty if there is none.
  Bytes cookie = {};

  [[nodiscard]] bool is_hello_retry_request() const {
    return equal(random, kHelloRetryRequestRandom);
  }
};

// Appends the whole handshake message; `hello.random` decides which of the two it is.
void write_server_hello(const ServerHello& hello, Buffer& out);

// Decodes the body. A hello without supported_versions is one of an older version, and
// kUnsupportedVersion whatever else is wrong with it.
Result<ServerHello, Error> parse_server_hello(Bytes body);

}  // namespace heliograph::tls
