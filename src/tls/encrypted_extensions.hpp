// EncryptedExtensions (RFC 9846 section 4.4.1): the answers to extensions that need not be known
// before the keys.
//
//      struct {
//          Extension extensions<0..2^16-1>;
//      } EncryptedExtensions;
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// Nothing that a server can answer is long.
inline constexpr std::size_t kMaxEncryptedExtensions = std::size_t{16} * 1024;

struct EncryptedExtensions {
  // The chosen ALPN protocol; empty if none.
  std::string_view application_protocol = {};
  // The server has used the name in the client's server_name (RFC 6066 section 3).
  bool acknowledges_server_name = false;
  bool accepts_early_data = false;
  std::optional<std::uint16_t> record_size_limit = {};
};

// What the ClientHello contained: only that can be answered.
struct SolicitedExtensions {
  bool server_name = false;
  bool application_protocols = false;
  bool record_size_limit = false;
  bool early_data = false;
};

// Appends the whole handshake message.
void write_encrypted_extensions(const EncryptedExtensions& extensions, Buffer& out);

Result<EncryptedExtensions, Error> parse_encrypted_extensions(Bytes body,
                                                              SolicitedExtensions solicited);

}  // namespace heliograph::tls
