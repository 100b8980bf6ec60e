#include "tls/handshake.hpp"

#include <array>

namespace heliograph::tls {

// "An implementation may receive an unencrypted record of type change_cipher_spec consisting of the
// single byte value 0x01 at any time after the first ClientHello message has been sent or received
// and before the peer's Finished message has been received and MUST simply drop it".
Result<void, Error> Handshake::receive_change_cipher_spec(Bytes content) {
  if (!started()) return fail(Error::kUnexpectedChangeCipherSpec);
  if (!equal(content, std::array<std::uint8_t, 1>{1})) return fail(Error::kBadChangeCipherSpec);
  if (++change_cipher_specs_ > kMaxChangeCipherSpecs) {
    return fail(Error::kTooManyChangeCipherSpecs);
  }
  return {};
}

}  // namespace heliograph::tls
