#include "tls/transcript.hpp"

#include <array>

#include "tls/handshake_message.hpp"

namespace heliograph::tls {

void Transcript::replace_by_message_hash() {
  const crypto::Digest first_hello = running_.digest();
  const std::array<std::uint8_t, kHandshakeHeaderSize> header = {
      static_cast<std::uint8_t>(HandshakeType::kMessageHash), 0, 0,
      static_cast<std::uint8_t>(first_hello.size)};
  running_ = crypto::Hash(running_.algorithm());
  running_.update(header);
  running_.update(first_hello.bytes());
}

}  // namespace heliograph::tls
