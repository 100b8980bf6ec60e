// EncryptedExtensions (RFC 9846 section 4.4.1): the answers to extensions that need not be known
// before the keys.
//
//      struct {
//          Extension extensions<0..2^16-1>;
//      } EncryptedExtensions;
#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

struct EncryptedExtensions {
  // The chosen ALPN protocol; empty if none.
  std::string_view application_protocol;
  // The server has used the name in the client's server_name (RFC 6066 section 3).
  bool acknowledges_server_name = false;
};

// Appends the whole handshake message.
void write_encrypted_extensions(const EncryptedExtensions& extensions, Buffer& out);

Result<EncryptedExtensions, Error> parse_encrypted_extensions(Bytes body);

}  // namespace heliograph::tls
